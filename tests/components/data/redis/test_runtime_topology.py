"""What members say, read."""

from components.data.redis.runtime.topology import count, parse_info, parse_nodes, ranges_of, slots_of

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"


def test_a_line_of_a_master_with_moving_slots():
    [node] = parse_nodes(
        f"{ID} 10.0.1.7:6379@16379,redis-cluster-0.x.svc myself,master - 0 0 3 connected 0-99 200 "
        f"[7->-{OTHER}] [9-<-{OTHER}]\n"
    )
    assert (node.address, node.hostname, node.master_id) == ("10.0.1.7", "redis-cluster-0.x.svc", None)
    assert node.slots == ((0, 99), (200, 200))
    assert (node.leaving, node.coming) == (((7, OTHER),), ((9, OTHER),))
    assert node.is_master
    assert node.well


def test_a_line_of_a_failed_replica_of_a_newer_server_and_of_an_ipv6_address():
    [node] = parse_nodes(f"{ID} fd00::7:6379@16379,host,shard-id=abc slave,fail {OTHER} 1 2 3 disconnected\n")
    assert (node.address, node.hostname, node.master_id) == ("fd00::7", "host", OTHER)
    assert node.failed
    assert not node.well


def test_lines_of_nodes_conf_that_are_no_members_are_left_out():
    assert parse_nodes("vars currentEpoch 6 lastVoteEpoch 0\n") == ()


def test_info_is_read_by_name():
    assert parse_info("# Replication\r\nrole:master\r\nslave0:ip=a,port=1\r\n") == {
        "role": "master",
        "slave0": "ip=a,port=1",
    }


def test_slots_and_ranges_are_each_others_inverse():
    slots = [0, 1, 2, 7, 9, 10]
    assert ranges_of(slots) == ((0, 2), (7, 7), (9, 10))
    assert slots_of(ranges_of(slots)) == slots
    assert count(ranges_of(slots)) == 6

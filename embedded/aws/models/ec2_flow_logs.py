"""EC2: flow logs to a log group that is named by its ARN, and the options of their files; moto knows neither."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.models.ec2_tags import forget
from embedded.aws.protocol import Answer, Call


def create_flow_logs(account: Account, call: Call) -> Answer:
    """CreateFlowLogs: the log group is the one of the ARN; a group that is missing is told by the status."""
    ec2, given = account.moto("ec2", call.region), call.parameters
    before = set(ec2.flow_logs)
    answer = account.execute(call)
    for ident in ec2.flow_logs.keys() - before:
        log = ec2.flow_logs[ident]
        if log.log_destination_type == "s3":
            log.destination_options = given.get("DestinationOptions")
        elif log.log_group_name is None:
            log.log_group_name = log.log_destination.split(":log-group:")[-1].removesuffix(":*")
            if log.log_group_name in account.moto("logs", call.region).groups:
                log.deliver_logs_status, log.deliver_logs_error_message = "SUCCESS", None
    return answer


def delete_flow_logs(account: Account, call: Call) -> Answer:
    """DeleteFlowLogs: their tags go with them."""
    answer = account.execute(call)
    if answer[0] == 200:
        forget(account, call.region, call.parameters["FlowLogIds"])
    return answer

"""Names, quantities and selectors, for whatever texts there are."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from embedded.kubernetes import names
from embedded.kubernetes.checks.metadata import selects
from embedded.kubernetes.quantities import quantity

LABELS = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)


@given(LABELS)
def test_every_dns_label_is_accepted_and_none_with_a_capital_a_dot_or_a_hyphen_at_an_end(label):
    assert names.dns_label(label) is None
    for wrong in (f"-{label}", f"{label}-", f"{label}.x", f"X{label}", f"{label}{'x' * 63}"):
        assert names.dns_label(wrong)


@given(LABELS, LABELS)
def test_names_of_labels_may_have_one_dns_prefix(prefix, name):
    assert names.qualified_name(f"{prefix}.example/{name}") is None
    assert names.qualified_name(f"{prefix}/{prefix}/{name}")


@given(st.text(max_size=80))
def test_every_text_is_a_name_or_is_refused_with_a_reason(text):
    checks = [names.dns_label, names.dns_1035_label, names.dns_subdomain, names.qualified_name, names.label_value]
    checks += [names.port_name, names.config_key, names.environment_name, names.path_segment]
    checks += [names.percent, names.cidr, names.address]
    for syntax in checks:
        reason = syntax(text)
        assert reason is None or " " in reason


@given(st.integers(0, 10**15))
def test_units_of_quantities_are_thousands_and_1024s(number):
    assert quantity(f"{number}Ki") == number * 1024
    assert quantity(f"{number}k") == quantity(f"{number}e3") == number * 1000
    assert quantity(f"{number}m") == Decimal(number) / 1000
    assert quantity(number) == number


def _amount(text):
    try:
        return quantity(text)
    except ValueError as error:
        return str(error)


@given(st.text(max_size=12))
def test_a_text_is_a_quantity_or_is_refused_as_one(text):
    amount = _amount(text)
    assert isinstance(amount, Decimal) or "is not a quantity" in amount


@given(st.dictionaries(LABELS, LABELS, max_size=4), st.data())
def test_a_selector_made_of_some_labels_selects_them_and_nothing_that_lacks_one(labels, data):
    chosen = {
        key: labels[key] for key in data.draw(st.sets(st.sampled_from(sorted(labels)) if labels else st.nothing()))
    }
    assert selects({"matchLabels": chosen}, labels)
    for key in chosen:
        assert not selects({"matchLabels": chosen}, {k: v for k, v in labels.items() if k != key})
        assert selects({"matchExpressions": [{"key": key, "operator": "In", "values": [labels[key]]}]}, labels)
        assert not selects({"matchExpressions": [{"key": key, "operator": "DoesNotExist"}]}, labels)

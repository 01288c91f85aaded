"""All mutations there are."""

from tests.mutations import (
    access,
    direct_debit,
    dues,
    house,
    insurance,
    joining,
    life,
    money,
    policies,
    silence,
)

MUTATIONS = (
    *dues.MUTATIONS,
    *joining.MUTATIONS,
    *life.MUTATIONS,
    *money.MUTATIONS,
    *house.MUTATIONS,
    *policies.MUTATIONS,
    *direct_debit.MUTATIONS,
    *insurance.MUTATIONS,
    *access.MUTATIONS,
    *silence.MUTATIONS,
)

"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No test is judged by the clock: neither an example's deadline nor the time that making one takes.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")

"""The world `room` in Python."""

import statistics

import wit_world
from componentize_py_types import Err
from wit_world import Reading, Scale, Statistics, Verdict, Verdict_Cold, Verdict_Comfortable, Verdict_Hot, Verdict_Missing

COLD = 18.0
"""Degrees Celsius below which a room is cold."""
HOT = 26.0


class WitWorld(wit_world.WitWorld):
    def calc_stats(self, values: list[float]) -> Statistics:
        if not values:
            return Statistics(mean=0.0, median=0.0)
        return Statistics(mean=statistics.fmean(values), median=statistics.median(values))

    def judge(self, reading: Reading) -> Verdict:
        if reading.value is None:
            return Verdict_Missing()
        celsius = reading.value if reading.scale == Scale.CELSIUS else (reading.value - 32) * 5 / 9
        if celsius < -273.15:
            raise Err(f"{reading.sensor} is colder than anything can be")
        if celsius < COLD:
            return Verdict_Cold(celsius)
        if celsius > HOT:
            return Verdict_Hot(celsius)
        return Verdict_Comfortable()

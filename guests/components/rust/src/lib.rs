//! The world `room` in Rust.

wit_bindgen::generate!({ world: "room", path: "../room.wit" });

struct Room;

export!(Room);

/// Degrees Celsius outside of which a room is cold or hot.
const COMFORT: std::ops::RangeInclusive<f64> = 18.0..=26.0;

impl Guest for Room {
    fn calc_stats(mut values: Vec<f64>) -> Statistics {
        let count = values.len();
        if count == 0 {
            return Statistics { mean: 0.0, median: 0.0 };
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        values.sort_by(f64::total_cmp);
        Statistics { mean, median: (values[(count - 1) / 2] + values[count / 2]) / 2.0 }
    }

    fn judge(reading: Reading) -> Result<Verdict, String> {
        let Some(value) = reading.value else { return Ok(Verdict::Missing) };
        let celsius = match reading.scale {
            Scale::Celsius => value,
            Scale::Fahrenheit => (value - 32.0) * 5.0 / 9.0,
        };
        if celsius < -273.15 {
            return Err(format!("{} is colder than anything can be", reading.sensor));
        }
        Ok(if COMFORT.contains(&celsius) {
            Verdict::Comfortable
        } else if celsius < *COMFORT.start() {
            Verdict::Cold(celsius)
        } else {
            Verdict::Hot(celsius)
        })
    }
}

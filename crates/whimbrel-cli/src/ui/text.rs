//! Times and durations for people.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `150ms`, `1.2s`, `2m 03s`.
pub(crate) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0..1_000 => format!("{millis}ms"),
        1_000..60_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{}m {:02}s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

/// `1/1/2024, 10:00:00 AM` in the local time zone (`TZ`).
pub(crate) fn local_time(millis: i64) -> String {
    in_zone(millis, TimeZone::system())
}

fn in_zone(millis: i64, zone: TimeZone) -> String {
    match Timestamp::from_millisecond(millis) {
        Ok(at) => at.to_zoned(zone).strftime("%-m/%-d/%Y, %-I:%M:%S %p").to_string(),
        Err(_) => millis.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let millis = |n| duration(Duration::from_millis(n));
        assert_eq!(
            [millis(0), millis(150), millis(1_250), millis(123_000)],
            ["0ms", "150ms", "1.2s", "2m 03s"]
        );
        assert_eq!(in_zone(1_704_103_200_000, TimeZone::UTC), "1/1/2024, 10:00:00 AM");
        assert_eq!(
            in_zone(1_704_103_200_000, TimeZone::get("Europe/Berlin").unwrap()),
            "1/1/2024, 11:00:00 AM"
        );
    }
}

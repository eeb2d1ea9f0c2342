//! Only in test builds (feature `failpoints`): the process kills or stops itself at a named place.
//!
//! `WHIMBREL_FAIL_POINT=step::running_written#2=kill` sends `SIGKILL` to this process when it comes to that place for
//! the second time; `=stop` sends `SIGSTOP`. The places are `fail_point!` lines in the sources.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// Arms the place that the environment names.
pub(crate) fn set_up() {
    let Ok(text) = std::env::var("WHIMBREL_FAIL_POINT") else { return };
    let (place, action) = text.split_once('=').unwrap_or((&text, "kill"));
    let (place, time) = place.split_once('#').unwrap_or((place, "1"));
    let signal = if action == "stop" { Signal::STOP } else { Signal::KILL };
    let time: usize = time.parse().unwrap_or(1);
    let came = AtomicUsize::new(0);
    let armed = fail::cfg_callback(place, move || {
        if came.fetch_add(1, Ordering::SeqCst) + 1 == time {
            let _ = kill_process(getpid(), signal);
            // Any thread may take the signal; this one must not go on until it has.
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    if armed.is_err() {
        let _ = kill_process(getpid(), Signal::ABORT);
    }
}

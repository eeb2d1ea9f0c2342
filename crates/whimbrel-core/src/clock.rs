//! The holder's clock: monotonic, and running while the machine sleeps.
//!
//! A lease must not look fresh after a laptop lid or a suspended virtual machine opens again, so the
//! production clock is `CLOCK_BOOTTIME` on Linux and `CLOCK_MONOTONIC` on Apple systems, which there is
//! the one that runs during sleep (`mach_continuous_time`). Tests pass a virtual clock.

use std::time::Duration;

/// Gives the time since some fixed moment; never goes backwards.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Time since the clock's arbitrary origin.
    fn now(&self) -> Duration;
}

/// The operating system's clock that runs during suspend.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const ID: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
        const ID: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        #[cfg(not(windows))]
        {
            let time = rustix::time::clock_gettime(ID);
            Duration::new(
                u64::try_from(time.tv_sec).unwrap_or(0),
                u32::try_from(time.tv_nsec).unwrap_or(0),
            )
        }
        #[cfg(windows)]
        {
            use std::sync::OnceLock;
            use std::time::Instant;
            static ORIGIN: OnceLock<Instant> = OnceLock::new();
            ORIGIN.get_or_init(Instant::now).elapsed()
        }
    }
}

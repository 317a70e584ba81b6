//! An alarm by a timer of the kernel. Setting it is a short system call; waking a thread would be many times longer for
//! the call that has to do it.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

pub(super) struct Alarm(OwnedFd);

impl Alarm {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?))
    }

    /// Lets the thread sleep on for so long, and at least for a moment.
    pub(super) fn set(&self, after: Duration) {
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let tv_sec = after.as_secs().try_into().unwrap_or(i64::MAX);
        let it_value = Timespec { tv_sec, tv_nsec: i64::from(after.subsec_nanos().max(1)) };
        if let Err(error) = timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })
        {
            tracing::error!(%error, "cannot set the timer of the ticker; please report this");
        }
    }

    /// Sleeps until the alarm goes off.
    pub(super) fn wait(&self) {
        let mut expirations = [0; 8];
        while rustix::io::read(&self.0, &mut expirations) == Err(Errno::INTR) {}
    }
}

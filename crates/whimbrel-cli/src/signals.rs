//! Ctrl-C and SIGTERM: the first stops the run in order, the second ends the program at once.

use whimbrel_core::gate::{StopReason, StopSignal};

use crate::exit::Exit;
use crate::ui::Ui;

/// Gives the signal at the first interruption.
#[expect(clippy::exit, reason = "the second signal ends the program at once, by contract")]
pub(crate) fn stop_on_signals(ui: &Ui) -> StopSignal {
    let stop = StopSignal::new();
    let given = stop.clone();
    let ui = ui.clone();
    tokio::spawn(async move {
        let mut signals = Signals::new();
        signals.next().await;
        ui.note("interrupted: stopping after the operation in flight; once more stops at once");
        given.stop(StopReason::Cancelled);
        signals.next().await;
        std::process::exit(Exit::Interrupted as i32);
    });
    stop
}

/// Waits for the first interruption.
pub(crate) async fn interrupted() {
    Signals::new().next().await;
}

struct Signals {
    #[cfg(unix)]
    streams: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    fn new() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            let streams = match both {
                (Ok(interrupt), Ok(terminate)) => Some((interrupt, terminate)),
                _ => None,
            };
            Self { streams }
        }
        #[cfg(not(unix))]
        Self {}
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        match &mut self.streams {
            Some((interrupt, terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            None => std::future::pending().await,
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

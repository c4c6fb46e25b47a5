//! Progress on standard error, for people only: nothing is drawn when it is not a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the stage at work and the time so far.
pub(crate) fn spinner() -> ProgressBar {
    draw(None, "{spinner} {msg} {elapsed}")
}

/// A bar over `total` steps.
pub(crate) fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = draw(Some(total), "{msg:28} {bar:30} {pos}/{len} {elapsed}");
    bar.set_message(what.to_owned());
    bar
}

fn draw(total: Option<u64>, template: &str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(8)
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(total, target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(125));
    bar
}

//! What the system tells about this process; all figures are 0 where it tells nothing (elsewhere than on Linux).

/// Processor time of all threads so far, in milliseconds; a tick is 10 ms.
pub fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, counted behind the name in brackets, which is the second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

/// Resident memory in megabytes: now (`VmRSS:`) or at its peak (`VmHWM:`).
pub fn resident_mb(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let figure = status.lines().find_map(|text| text.strip_prefix(line));
    figure.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

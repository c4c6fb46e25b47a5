//! Which activities of a row belong to which of its roles.

use crate::prose::{Item, Style};

/// For each task the index of its role.
///
/// One role takes all. Else, in this order: tasks numbered 1.1, 1.2, 2.1 say it themselves; as many runs of numbering
/// as roles; as many tasks as roles; and where nothing tells, the tasks are shared out in order, so that none is lost.
pub(crate) fn owners(roles: &[Item], tasks: &[Item]) -> Vec<usize> {
    let n = roles.len();
    if n < 2 || tasks.is_empty() {
        return vec![0; tasks.len()];
    }
    decimal(n, tasks)
        .or_else(|| runs(n, tasks))
        .unwrap_or_else(|| (0..tasks.len()).map(|t| t * n / tasks.len()).collect())
}

fn decimal(n: usize, tasks: &[Item]) -> Option<Vec<usize>> {
    tasks
        .iter()
        .map(|t| {
            let mark = t.marker.filter(|m| m.style == Style::Decimal)?;
            (mark.value as usize).checked_sub(1).filter(|&o| o < n)
        })
        .collect()
}

fn runs(n: usize, tasks: &[Item]) -> Option<Vec<usize>> {
    let mut run = 0;
    let mut last = 0;
    let mut out = Vec::with_capacity(tasks.len());
    for task in tasks {
        let value = task.marker?.value;
        if value == 0 {
            return None;
        }
        if value <= last {
            run += 1;
        }
        last = value;
        out.push(run);
    }
    (run + 1 == n).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::split_items;

    fn owned(roles: &str, tasks: &str) -> Vec<usize> {
        let (roles, tasks) = (split_items(roles, true), split_items(tasks, true));
        owners(&roles, &tasks)
    }

    #[test]
    fn numbering_aligns_tasks_with_roles() {
        assert_eq!(owned("1. Policy", "1. A b c\n2. D e f"), [0, 0]);
        assert_eq!(owned("1. Policy\n2. Audit", "1.1 Draft it\n1.2 Send it\n2.1 Audit it"), [0, 0, 1]);
        assert_eq!(
            owned("1. Policy\n2. Audit", "1. Draft\n2. Send\n1. Check\n2. Report\n3. Close"),
            [0, 0, 1, 1, 1]
        );
        assert_eq!(owned("1. Policy\n2. Audit", "(a) Draft\n(b) Check"), [0, 1]);
    }
}

//! Tables without a lattice: aligned segments, with or without rules above and below.

use super::columns_header::header;
use super::fill::{PageTable, cell_text, covered_cell};
use super::lattice::Grid;
use super::numbered::numbered;
use super::place::hull;
use super::refine::words_in;
use super::rules::{Rule, Rules};
use super::segments::{Gutter, Line, Segment, gutters, lines, split_at};
use crate::{BBox, Cell, Page, Row, Word};

/// Lines further apart than this many font sizes belong to different tables.
const APART: f32 = 2.6;
/// Lines closer than this many font sizes may be one cell's.
const CLOSE: f32 = 0.75;

/// Finds tables by alignment among the words outside `taken`.
pub(crate) fn unruled(page: &Page, rules: &Rules, taken: &[BBox]) -> Vec<PageTable> {
    let free = |w: &&Word| {
        let (x, y) = (f32::midpoint(w.bbox.x0, w.bbox.x1), f32::midpoint(w.bbox.y0, w.bbox.y1));
        !taken.iter().any(|t| x > t.x0 && x < t.x1 && y > t.y0 && y < t.y1)
            && w.bbox.x1 - w.bbox.x0
                > 0.25 * (w.bbox.y1 - w.bbox.y0) * (w.text.chars().count() as f32 - 1.0) / 4.0
    };
    let words: Vec<&Word> = page.words.iter().filter(free).filter(|w| !is_drawn(&w.text)).collect();
    let mut out = Vec::new();
    for column in text_columns(&words) {
        let mut lines = lines(&column);
        let numbered = numbered(page, &lines);
        lines.retain(|l| !numbered.iter().any(|t| l.y0 >= t.bbox.y0 - 1.0 && l.y1 <= t.bbox.y1 + 1.0));
        out.extend(numbered);
        for (from, to) in candidates(&lines, taken) {
            if let Some(table) = lines.get(from..to).and_then(|l| build(page, rules, l)) {
                out.push(table);
            }
        }
    }
    out
}

/// A rule or leader typed with dashes or dots.
fn is_drawn(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    matches!(first, Some('.' | '-' | '_' | '=' | '…')) && text.len() > 4 && chars.all(|c| Some(c) == first)
}

/// The table inside a grid that draws too little, by alignment.
pub(crate) fn aligned_in(page: &Page, rules: &Rules, grid: &Grid) -> Option<PageTable> {
    let area = grid.bbox();
    let table = build(page, rules, &lines(&words_in(page, &area)))?;
    (table.columns() >= grid.columns()).then_some(PageTable { bbox: area, ..table })
}

/// Splits a page of running text in two columns at its gutter; a page in one column stays whole.
fn text_columns<'a>(words: &[&'a Word]) -> Vec<Vec<&'a Word>> {
    let all = lines(words);
    let long = |s: &Segment<'_>| s.words.len() >= 4;
    let prose: Vec<&Line<'_>> =
        all.iter().filter(|l| l.segments.len() == 2 && l.segments.iter().all(long)).collect();
    if prose.len() * 3 < all.len() || prose.len() < 8 {
        return vec![words.to_vec()];
    }
    let mut left: Vec<f32> = prose.iter().map(|l| l.segments[0].x1).collect();
    let mut right: Vec<f32> = prose.iter().map(|l| l.segments[1].x0).collect();
    left.sort_by(f32::total_cmp);
    right.sort_by(f32::total_cmp);
    let at = f32::midpoint(left[left.len() * 9 / 10], right[right.len() / 10]);
    let crossed = |l: &Line<'_>| l.segments.iter().any(|s| s.x0 < at - 4.0 && s.x1 > at + 4.0);
    if all.iter().filter(|l| crossed(l)).count() * 4 > all.len() {
        return vec![words.to_vec()];
    }
    let (a, b) = words.iter().copied().partition(|w| f32::midpoint(w.bbox.x0, w.bbox.x1) < at);
    vec![a, b]
}

/// Runs of lines that may be a table: most have several segments, and none is far from the next.
fn candidates(lines: &[Line<'_>], taken: &[BBox]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].segments.len() < 2 {
            at += 1;
            continue;
        }
        let (start, mut end) = (at, at + 1);
        let mut singles = 0;
        for next in at + 1..lines.len() {
            let (above, below) = (&lines[next - 1], &lines[next]);
            let between = |t: &BBox| t.y0 > above.y0 && t.y1 < below.y1;
            if below.y0 - above.y1 > APART * above.size.max(below.size) || taken.iter().any(between) {
                break;
            }
            if below.segments.len() >= 2 {
                singles = 0;
                end = next + 1;
            } else {
                singles += 1;
                let prose = below.segments.first().is_some_and(|s| {
                    let widest =
                        lines[start..end].iter().map(|l| l.bbox().x1 - l.bbox().x0).fold(0.0, f32::max);
                    s.words.len() > 6 && s.x1 - s.x0 > 0.7 * widest
                });
                if prose || singles > 3 {
                    break;
                }
            }
        }
        out.push((start, end));
        at = end;
    }
    out
}

/// One line of a candidate, its segments by the columns they stand in.
pub(crate) struct Placed<'a> {
    pub(crate) line: Line<'a>,
    /// First and last column of each segment.
    pub(crate) spans: Vec<(usize, usize)>,
}

impl Placed<'_> {
    fn covers(&self, col: usize) -> bool {
        self.spans.iter().any(|s| s.0 <= col && col <= s.1)
    }

    fn filled(&self) -> usize {
        self.spans.len()
    }
}

fn build(page: &Page, rules: &Rules, lines: &[Line<'_>]) -> Option<PageTable> {
    let gutters = gutters(lines);
    if gutters.is_empty() || lines.len() < 2 {
        return None;
    }
    let columns = gutters.len() + 1;
    let placed: Vec<Placed<'_>> = lines
        .iter()
        .map(|l| {
            let line = split_at(l, &gutters);
            let spans = line.segments.iter().map(|s| span(s.x0, s.x1, &gutters)).collect();
            Placed { line, spans }
        })
        .collect();
    let area = lines.iter().map(Line::bbox).reduce(hull)?;
    let across: Vec<&Rule> = rules
        .horizontal
        .iter()
        .filter(|r| r.at > area.y0 - 14.0 && r.at < area.y1 + 10.0)
        .filter(|r| r.to.min(area.x1) - r.from.max(area.x0) > 0.5 * (area.x1 - area.x0))
        .collect();
    if !is_tabular(&placed, columns, across.len())
        || is_contents(&placed, across.len())
        || is_boxed(page, &placed, &area)
        || is_form(page, &placed, &area)
    {
        return None;
    }
    let head = header_lines(&placed, columns, &across);
    let bounds: Vec<f32> =
        std::iter::once(area.x0).chain(gutters.iter().map(|g| g.middle())).chain([area.x1]).collect();
    let mut rows = header(&placed[..head], rules, &gutters, &bounds, page.number);
    let header_rows = rows.len();
    let body = &placed[head..];
    rows.extend(groups(body, rules, &area).iter().map(|g| row(page, body, g, &bounds)));
    (rows.len() >= 2).then_some(PageTable { xs: bounds, bbox: area, header_rows, rows })
}

/// Columns of a segment: those that it overlaps, else the two beside the gutter in which it stands.
pub(crate) fn span(x0: f32, x1: f32, gutters: &[Gutter]) -> (usize, usize) {
    let first = gutters.iter().take_while(|g| g.to <= x0 + 0.5 || g.middle() < x0).count();
    let last = gutters.iter().take_while(|g| g.from < x1 - 0.5 && g.middle() < x1).count();
    if first <= last { (first, last) } else { (last, first) }
}

/// Tells a table from running text, lists, contents and forms.
fn is_tabular(placed: &[Placed<'_>], columns: usize, rules: usize) -> bool {
    let several: Vec<&Placed<'_>> = placed.iter().filter(|p| p.filled() >= 2).collect();
    let leaders = |p: &&&Placed<'_>| {
        p.line
            .segments
            .iter()
            .flat_map(|s| &s.words)
            .any(|w| w.text.contains("....") || w.text.contains("…."))
    };
    // Dots lead to a page number in a table of contents, to figures in a typewritten table.
    if columns == 2 && several.iter().filter(leaders).count() * 3 > several.len() {
        return false;
    }
    if several.len() < 3 || several.len() * 2 < placed.len() {
        return false;
    }
    // Running text crosses what would be columns.
    let running = |p: &&Placed<'_>| {
        p.line.segments.iter().zip(&p.spans).any(|(s, span)| span.1 > span.0 && s.words.len() > 7)
    };
    if placed.iter().filter(running).count() * 3 > placed.len() {
        return false;
    }
    let beyond: Vec<_> = several
        .iter()
        .flat_map(|p| p.line.segments.iter().zip(&p.spans))
        .filter(|(_, span)| span.0 > 0)
        .collect();
    let numeric = beyond.iter().filter(|(s, _)| s.is_numeric()).count();
    let words: usize = beyond.iter().map(|(s, _)| s.words.len()).sum();
    let mean_words = words as f32 / beyond.len().max(1) as f32;
    let share = numeric as f32 / beyond.len().max(1) as f32;
    let fill = several.iter().map(|p| p.filled()).sum::<usize>() as f32 / (several.len() * columns) as f32;
    let marks = several
        .iter()
        .filter(|p| {
            p.line
                .segments
                .first()
                .is_some_and(|s| s.words.len() == 1 && s.words[0].text.chars().count() <= 5)
        })
        .count();
    // A list: marks, then running text.
    let item = |p: &&Placed<'_>| {
        let mut long = p.line.segments.iter().filter(|s| s.words.len() >= 8);
        let marks =
            p.line.segments.iter().filter(|s| s.words.len() == 1 && s.words[0].text.chars().count() <= 6);
        long.next().is_some() && long.next().is_none() && marks.count() + 1 == p.filled()
    };
    if placed.iter().filter(item).count() * 2 > placed.len() {
        return false;
    }
    if columns == 2 && marks * 3 > several.len() * 2 && share < 0.5 {
        return false;
    }
    if rules >= 2 {
        return fill > 0.3 && (mean_words < 6.0 || columns > 2);
    }
    if columns == 2 {
        return share > 0.6 && several.len() >= 4 && mean_words < 3.0;
    }
    fill > 0.45 && (share > 0.4 || mean_words < 2.6 && several.len() >= 4)
}

/// Titles and page numbers that never fall: a table of contents.
fn is_contents(placed: &[Placed<'_>], rules: usize) -> bool {
    let last = placed.iter().flat_map(|p| p.spans.iter().map(|s| s.1)).max().unwrap_or(0);
    let numbers: Vec<u32> = placed
        .iter()
        .filter_map(|p| {
            let (segment, span) = p.line.segments.last().zip(p.spans.last())?;
            (span.1 == last && segment.words.len() == 1).then_some(segment)
        })
        .filter_map(|s| s.words[0].text.parse().ok())
        .collect();
    let ends =
        placed.iter().filter(|p| p.spans.last().is_some_and(|s| s.1 == last) && p.filled() > 1).count();
    let words: usize =
        placed.iter().filter_map(|p| p.line.segments.iter().map(|s| s.words.len()).max()).sum();
    rules < 2
        && last <= 2
        && numbers.len() >= 3
        && numbers.len() * 10 >= ends * 8
        && numbers.windows(2).all(|p| p[0] <= p[1])
        && words >= placed.len() * 2
}

/// True for a form: dots to be written on between the words of most lines, and hardly a figure.
fn is_form(page: &Page, placed: &[Placed<'_>], area: &BBox) -> bool {
    let inside = |w: &&Word| {
        let y = f32::midpoint(w.bbox.y0, w.bbox.y1);
        w.bbox.x0 >= area.x0 && w.bbox.x1 <= area.x1 && y > area.y0 && y < area.y1
    };
    let dotted = |w: &&Word| ["....", "\u{2026}\u{2026}", "____"].iter().any(|dots| w.text.contains(dots));
    let segments = || placed.iter().flat_map(|p| &p.line.segments);
    let figures = segments().filter(|s| s.is_numeric() && s.words.iter().all(|w| !dotted(w))).count();
    page.words.iter().filter(inside).filter(dotted).count() * 2 > placed.len()
        && figures * 5 < segments().count()
}

/// True where most segments stand in boxes of their own: an organogram.
fn is_boxed(page: &Page, placed: &[Placed<'_>], area: &BBox) -> bool {
    let segments: Vec<(f32, f32)> = placed
        .iter()
        .flat_map(|p| {
            p.line.segments.iter().map(|s| (f32::midpoint(s.x0, s.x1), f32::midpoint(p.line.y0, p.line.y1)))
        })
        .collect();
    let own: Vec<&BBox> =
        page.drawing.boxes.iter().filter(|b| b.x1 - b.x0 < 0.7 * (area.x1 - area.x0)).collect();
    let touches =
        |a: &BBox, b: &BBox| (a.x0 - b.x1).abs().min((a.x1 - b.x0).abs()) < 3.0 && a.y0 < b.y1 && b.y0 < a.y1;
    let alone: Vec<&&BBox> = own.iter().filter(|a| !own.iter().any(|b| touches(a, b))).collect();
    let boxed = segments
        .iter()
        .filter(|(x, y)| alone.iter().any(|b| *x > b.x0 && *x < b.x1 && *y > b.y0 && *y < b.y1));
    boxed.count() * 2 > segments.len()
}

/// How many of the first lines are the header: those above the first line that reads like data, or above the first
/// rule across the table.
fn header_lines(placed: &[Placed<'_>], columns: usize, across: &[&Rule]) -> usize {
    let numeric = |p: &Placed<'_>| {
        p.line.segments.iter().zip(&p.spans).filter(|(s, span)| span.0 > 0 && s.is_numeric()).count()
    };
    let typical = {
        let mut counts: Vec<usize> = placed.iter().map(numeric).collect();
        counts.sort_unstable();
        counts[counts.len() / 2]
    };
    let by_rule = across.iter().find_map(|r| {
        let above = placed.iter().take_while(|p| p.line.y1 < r.at + 3.0).count();
        (above > 0 && above < placed.len()).then_some(above)
    });
    let years = |p: &Placed<'_>| {
        p.line.segments.iter().filter(|s| s.is_numeric()).all(|s| {
            s.words.iter().all(|w| {
                let digits: String = w.text.chars().filter(char::is_ascii_digit).collect();
                digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
            })
        })
    };
    let data = |p: &Placed<'_>| {
        p.covers(0) && numeric(p) * 2 >= typical.max(1) && numeric(p) > 0 && !(years(p) && columns > 2)
    };
    let by_data = if typical > 0 { placed.iter().position(data) } else { None };
    match (by_data, by_rule) {
        (Some(data), Some(rule)) if rule <= data + 2 && rule <= 6 => rule.max(data.min(rule)),
        (Some(data), _) => {
            // Labels that stand alone above the first data row belong to the body.
            let mut head = data;
            while head > 0 && placed[head - 1].filled() == 1 && placed[head - 1].covers(0) {
                head -= 1;
            }
            head
        }
        (None, Some(rule)) if rule <= 6 => rule,
        _ => 1,
    }
}

/// Groups lines into rows: lines of one cell, by rules between rows, or by what they fill.
fn groups(body: &[Placed<'_>], rules: &Rules, area: &BBox) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    let parted = |above: &Placed<'_>, below: &Placed<'_>| {
        rules.horizontal.iter().any(|r| {
            r.at > above.line.y1 - 0.4 * above.line.size
                && r.at < below.line.y0 + 0.4 * below.line.size
                && r.to.min(area.x1) - r.from.max(area.x0) > 0.5 * (area.x1 - area.x0)
        })
    };
    let pairs = body.windows(2).filter(|p| parted(&p[0], &p[1])).count();
    let by_rules = pairs * 3 >= body.len() && pairs > 1;
    for (index, line) in body.iter().enumerate() {
        let joins = index > 0 && {
            let above = &body[index - 1];
            let gap = line.line.y0 - above.line.y1;
            if by_rules {
                !parted(above, line)
            } else {
                !parted(above, line) && gap < CLOSE * line.line.size && continues(above, line)
            }
        };
        match out.last_mut() {
            Some(last) if joins => last.push(index),
            _ => out.push(vec![index]),
        }
    }
    out
}

/// True where a line goes on with the cells of the line above.
fn continues(above: &Placed<'_>, line: &Placed<'_>) -> bool {
    let numbers =
        |p: &Placed<'_>| p.line.segments.iter().zip(&p.spans).any(|(s, span)| span.0 > 0 && s.is_numeric());
    let first =
        |p: &Placed<'_>| p.line.segments.first().and_then(|s| s.words.first()).map(|w| w.text.clone());
    let lower = first(line)
        .is_some_and(|t| t.chars().next().is_some_and(|c| c.is_lowercase() || matches!(c, '(' | '&')));
    let open = above.line.segments.first().and_then(|s| s.words.last()).is_some_and(|w| {
        w.text.ends_with([',', '-', '/', '–'])
            || matches!(w.text.as_str(), "and" | "of" | "or" | "the" | "to" | "in" | "for" | "&" | "with")
    });
    if !line.covers(0) {
        // No label: text under text goes on, numbers begin a row of their own.
        return !numbers(line) && line.spans.iter().all(|s| above.covers(s.0));
    }
    let label_only = |p: &Placed<'_>| p.filled() == 1 && p.spans[0] == (0, 0);
    if label_only(line) && !label_only(above) {
        return lower || open;
    }
    if label_only(above) {
        return lower || open;
    }
    false
}

/// One row from the lines of a group.
fn row(page: &Page, placed: &[Placed<'_>], group: &[usize], bounds: &[f32]) -> Row {
    let mut cells = vec![Cell::default(); bounds.len() - 1];
    let lines: Vec<&Placed<'_>> = group.iter().filter_map(|l| placed.get(*l)).collect();
    let top = lines.iter().map(|p| p.line.y0).fold(f32::MAX, f32::min);
    let bottom = lines.iter().map(|p| p.line.y1).fold(f32::MIN, f32::max);
    let mut spans: Vec<(usize, usize)> = lines.iter().flat_map(|p| p.spans.iter().copied()).collect();
    spans.sort_unstable();
    // Overlapping spans become one cell.
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(span),
        }
    }
    for (from, to) in merged {
        let words: Vec<&Word> = lines
            .iter()
            .flat_map(|p| p.line.segments.iter().zip(&p.spans))
            .filter(|(_, s)| s.0 >= from && s.1 <= to)
            .flat_map(|(s, _)| s.words.iter().copied())
            .collect();
        cells[from] = Cell {
            text: cell_text(&words),
            row_span: 1,
            col_span: to - from + 1,
            covered: false,
            bbox: Some(BBox { x0: bounds[from], y0: top, x1: bounds[to + 1], y1: bottom }),
        };
        for cell in &mut cells[from + 1..=to] {
            *cell = covered_cell();
        }
    }
    Row { page: page.number, cells }
}

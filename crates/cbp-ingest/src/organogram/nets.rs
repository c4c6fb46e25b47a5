//! Connectors: lines that touch each other make a net, and a net joins the boxes that it touches.

use super::place::Frame;
use crate::{BBox, Page};

/// One box above another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) above: usize,
    pub(crate) below: usize,
}

/// Gap that a connector may leave to a box or to another line.
const GAP: f32 = 5.0;
/// Most lines that are joined: more make a table or a drawing.
const LINES: usize = 1_500;

/// The links of a page; each box has at most one box above it.
pub(crate) fn links(page: &Page, frames: &[Frame]) -> Vec<Link> {
    let lines: Vec<[f32; 4]> =
        page.drawing.lines.iter().copied().filter(|l| !frames.iter().any(|f| is_edge(&f.bbox, l))).collect();
    if lines.len() > LINES {
        return Vec::new();
    }
    let mut net: Vec<usize> = (0..lines.len()).collect();
    for (i, a) in lines.iter().enumerate() {
        for (j, b) in lines.iter().enumerate().skip(i + 1) {
            // Lines that meet inside a box meet there only: the box is their joint, not the net.
            if let Some(point) = meeting(a, b)
                && !frames.iter().any(|f| inside(&f.bbox, point))
            {
                unite(&mut net, i, j);
            }
        }
    }
    let roots: Vec<usize> = (0..lines.len()).map(|i| root(&net, i)).collect();
    let mut out: Vec<Link> = Vec::new();
    let mut named: Vec<usize> = roots.clone();
    named.sort_unstable();
    named.dedup();
    for name in named {
        let members: Vec<&[f32; 4]> =
            lines.iter().zip(&roots).filter(|(_, r)| **r == name).map(|(l, _)| l).collect();
        let touched: Vec<usize> = (0..frames.len())
            .filter(|&f| frames.get(f).is_some_and(|f| members.iter().any(|l| touches(&f.bbox, l))))
            .collect();
        let Some(&top) = touched.iter().min_by(|&&a, &&b| key(frames, a).total_cmp(&key(frames, b))) else {
            continue;
        };
        for &below in touched.iter().filter(|&&b| b != top) {
            if !out.iter().any(|l| l.below == below) && !rises(&out, top, below) {
                out.push(Link { above: top, below });
            }
        }
    }
    out
}

/// Middle of the box, from the top of the page.
fn key(frames: &[Frame], i: usize) -> f32 {
    frames.get(i).map_or(f32::MAX, |f| f32::midpoint(f.bbox.y0, f.bbox.y1))
}

/// True where `below` is already above `top`: a link would close a ring.
fn rises(links: &[Link], top: usize, below: usize) -> bool {
    let mut at = top;
    for _ in 0..=links.len() {
        if at == below {
            return true;
        }
        match links.iter().find(|l| l.below == at) {
            Some(link) => at = link.above,
            None => return false,
        }
    }
    true
}

/// True for a line that is a side of the box.
fn is_edge(b: &BBox, l: &[f32; 4]) -> bool {
    let near = |p: f32, q: f32| (p - q).abs() < 2.0;
    let level = near(l[1], l[3]) && (near(l[1], b.y0) || near(l[1], b.y1));
    let upright = near(l[0], l[2]) && (near(l[0], b.x0) || near(l[0], b.x1));
    let (x0, x1) = (l[0].min(l[2]), l[0].max(l[2]));
    let (y0, y1) = (l[1].min(l[3]), l[1].max(l[3]));
    (level && x0 >= b.x0 - 2.0 && x1 <= b.x1 + 2.0) || (upright && y0 >= b.y0 - 2.0 && y1 <= b.y1 + 2.0)
}

/// Where two lines meet: an end of one on the other.
fn meeting(a: &[f32; 4], b: &[f32; 4]) -> Option<(f32, f32)> {
    let ends = |l: &[f32; 4]| [(l[0], l[1]), (l[2], l[3])];
    let on = |p: (f32, f32), l: &[f32; 4]| distance(p, l) < GAP * 0.6;
    ends(a)
        .into_iter()
        .find(|&p| on(p, b))
        .or_else(|| ends(b).into_iter().find(|&p| on(p, a)))
        .or_else(|| crossing(a, b))
}

/// Level and upright lines that cross are one net, as on a bus drawn through.
fn crossing(a: &[f32; 4], b: &[f32; 4]) -> Option<(f32, f32)> {
    let level = |l: &[f32; 4]| (l[1] - l[3]).abs() < 1.5;
    let upright = |l: &[f32; 4]| (l[0] - l[2]).abs() < 1.5;
    let (h, v) = if level(a) && upright(b) {
        (a, b)
    } else if level(b) && upright(a) {
        (b, a)
    } else {
        return None;
    };
    let within = |x: f32, p: f32, q: f32| x > p.min(q) - 1.0 && x < p.max(q) + 1.0;
    (within(v[0], h[0], h[2]) && within(h[1], v[1], v[3])).then_some((v[0], h[1]))
}

/// Distance of a point from a line.
fn distance((x, y): (f32, f32), l: &[f32; 4]) -> f32 {
    let (dx, dy) = (l[2] - l[0], l[3] - l[1]);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((x - l[0]) * dx + (y - l[1]) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (px, py) = (l[0] + t * dx - x, l[1] + t * dy - y);
    (px * px + py * py).sqrt()
}

fn inside(b: &BBox, (x, y): (f32, f32)) -> bool {
    x > b.x0 + 1.0 && x < b.x1 - 1.0 && y > b.y0 + 1.0 && y < b.y1 - 1.0
}

/// True where an end of the line lies at the box or in it, or the line runs through it.
fn touches(b: &BBox, l: &[f32; 4]) -> bool {
    let wide = BBox { x0: b.x0 - GAP, y0: b.y0 - GAP, x1: b.x1 + GAP, y1: b.y1 + GAP };
    inside(&wide, (l[0], l[1])) || inside(&wide, (l[2], l[3]))
}

fn root(net: &[usize], mut i: usize) -> usize {
    while let Some(&up) = net.get(i) {
        if up == i {
            break;
        }
        i = up;
    }
    i
}

fn unite(net: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(net, a), root(net, b));
    // The smaller index names the net, whatever the order of the lines.
    if let Some(slot) = net.get_mut(a.max(b)) {
        *slot = a.min(b);
    }
}

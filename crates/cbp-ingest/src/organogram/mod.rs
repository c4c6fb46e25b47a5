//! Organograms: boxes and connectors to a reporting tree.

mod nets;
mod place;

use std::collections::BTreeMap;

use cbp_core::{Designation, Evidence, Warning};

use crate::frac::{PostName, names_post, post_key, post_name};
use crate::prose::{Locator, collapse, lines, marker};
use crate::{Document, Page};
use nets::{Link, links};
use place::{Frame, frames};

/// A post of an organogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganogramPost {
    /// Normalised name.
    pub name: String,
    /// Number of posts, where the box gives it.
    pub headcount: Option<u32>,
    /// Index of the post that it reports to.
    pub reports_to: Option<usize>,
    /// The words in the box.
    pub evidence: Evidence,
}

/// The reporting tree of an organogram.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organogram {
    /// Posts, page by page, from the top left.
    pub posts: Vec<OrganogramPost>,
    /// What could not be read as a tree.
    pub warnings: Vec<Warning>,
}

/// Reads the boxes and connectors of a document.
///
/// Of the boxes that a line joins, the highest is the superior of the others. A box that lists several posts gives
/// each of them the same superior; a box that names an office and no post passes its superior on. A page without boxes
/// gives its posts in reading order, without superiors and with a warning.
pub fn organogram(document: &Document) -> Organogram {
    let mut out = Organogram::default();
    for page in document.pages.iter().filter(|p| p.verdict.is_readable()) {
        let frames = frames(page);
        let links = links(page, &frames);
        if links.is_empty() {
            undrawn(document, page, &mut out);
        } else {
            drawn(document, page, &frames, &links, &mut out);
        }
    }
    out
}

fn drawn(document: &Document, page: &Page, frames: &[Frame], links: &[Link], out: &mut Organogram) {
    // Posts of each box, and the posts that stand for it towards the boxes below it.
    let mut of_frame: Vec<Vec<usize>> = Vec::with_capacity(frames.len());
    for frame in frames {
        let mut posts = Vec::new();
        for post in posts_in(&frame.lines) {
            posts.push(out.posts.len());
            out.posts.push(OrganogramPost {
                name: post.name,
                headcount: post.headcount,
                reports_to: None,
                evidence: Evidence::new(&document.name, page.number, collapse(&frame.lines.join(" "))),
            });
        }
        of_frame.push(posts);
    }
    let above: BTreeMap<usize, usize> = links.iter().map(|l| (l.below, l.above)).collect();
    for (f, posts) in of_frame.iter().enumerate() {
        let mut at = f;
        let mut superior = None;
        // An office passes its superior on; no tree is deeper than it has boxes.
        for _ in 0..frames.len() {
            let Some(&up) = above.get(&at) else { break };
            superior = of_frame.get(up).and_then(|p| p.first()).copied();
            if superior.is_some() {
                break;
            }
            at = up;
        }
        for &post in posts {
            if let Some(post) = out.posts.get_mut(post) {
                post.reports_to = superior;
            }
        }
    }
}

/// Posts that the lines of a box name: one for each bullet, else one for the whole box.
fn posts_in(lines: &[String]) -> Vec<PostName> {
    let bullets = lines.iter().filter(|l| marker(l).is_some()).count();
    if bullets > 0 {
        let mut items: Vec<String> = Vec::new();
        for line in lines {
            match marker(line) {
                Some((_, rest)) => items.push(rest.to_owned()),
                None => {
                    if let Some(last) = items.last_mut() {
                        *last = format!("{last} {line}");
                    }
                }
            }
        }
        return items.iter().filter_map(|i| post_name(i)).collect();
    }
    let whole = lines.join(" ");
    post_name(&whole).filter(|p| names_post(&p.name) || p.headcount.is_some()).into_iter().collect()
}

/// A page without boxes: its posts in order, with a warning.
fn undrawn(document: &Document, page: &Page, out: &mut Organogram) {
    let before = out.posts.len();
    let mut locator = Locator::new(document);
    for line in lines(document).iter().filter(|l| l.page == page.number) {
        let short = line.text.split_whitespace().count() <= 8;
        let Some(post) = post_name(line.text).filter(|p| short && names_post(&p.name)) else { continue };
        let place =
            crate::prose::Place { block_page: line.page, block: line.block, page: line.page, row: None };
        let evidence = locator.quote(place, &[line.text.to_owned()]).into_iter().next();
        out.posts.push(OrganogramPost {
            name: post.name,
            headcount: post.headcount,
            reports_to: None,
            evidence: evidence.unwrap_or_default(),
        });
    }
    if out.posts.len() > before {
        let message =
            "the page is not drawn as boxes joined by lines; its posts were read without their superiors";
        out.warnings.push(Warning {
            document: Some(document.name.clone()),
            page: Some(page.number),
            message: message.to_owned(),
            input_lost: false,
        });
    }
}

/// Gives designations their superiors and, where the work allocation has none, their number of posts.
///
/// A post that stands in several wings takes the superior only where its name is one of a kind, or where the
/// superior's wing is its own. Returns the names of posts that no designation is.
pub(crate) fn merge<'a>(tree: &'a Organogram, posts: &mut [Designation]) -> Vec<&'a str> {
    let mut idle: Vec<&str> = Vec::new();
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, post) in posts.iter().enumerate() {
        by_key.entry(post_key(&post.name)).or_default().push(i);
    }
    let known = |name: &str| by_key.get(&post_key(name)).cloned().unwrap_or_default();
    for entry in &tree.posts {
        let mine = known(&entry.name);
        if mine.is_empty() && !idle.contains(&entry.name.as_str()) {
            idle.push(&entry.name);
        }
        // The nearest superior that the work allocation knows.
        let mut superiors = Vec::new();
        let mut at = entry.reports_to;
        for _ in 0..tree.posts.len() {
            let Some(up) = at.and_then(|i| tree.posts.get(i)) else { break };
            superiors = known(&up.name);
            if !superiors.is_empty() {
                break;
            }
            at = up.reports_to;
        }
        for &i in &mine {
            let wing = posts.get(i).map_or_else(String::new, |p| p.wing.clone());
            let same_wing = superiors.iter().copied().find(|&s| posts.get(s).is_some_and(|p| p.wing == wing));
            let superior = same_wing.or(if mine.len() == 1 { superiors.first().copied() } else { None });
            let id = superior.filter(|&s| s != i).and_then(|s| posts.get(s)).map(|p| p.id.clone());
            let Some(post) = posts.get_mut(i) else { continue };
            if mine.len() == 1 {
                post.headcount = post.headcount.or(entry.headcount);
            }
            if let Some(id) = id
                && post.reports_to.is_none()
            {
                post.reports_to = Some(id);
                post.evidence.push(entry.evidence.clone());
            }
        }
    }
    idle
}

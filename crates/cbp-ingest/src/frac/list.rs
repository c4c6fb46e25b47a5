//! Posts from running text: a designation, then its duties; a section, then its work.

use cbp_core::{Activity, Designation, Evidence, Role};

use super::Harvest;
use super::columns::{Column, classify, exactly};
use super::name::post_name;
use super::rank::{head, is_known_post, names_post};
use super::wing::{is_section, wing_name};
use crate::prose::{Line, Locator, Place, Style, collapse, fold, has_devanagari, lines, marker, split_items};
use crate::{Document, Format};

/// Longest heading, in words.
const HEADING: usize = 12;

/// What a line is.
enum Part {
    /// Names a post; what follows the name on the same line is work.
    Post { name: String, rest: String },
    /// "Duties and responsibilities", "वित्तीय शक्तियाँ": title of the role below.
    Duties(String),
    /// Names a wing or section.
    Wing(String),
    /// Another heading: what follows belongs to no post.
    Break,
    /// Work, or text outside any post.
    Text,
}

/// Reads posts that stand as headings over their duties. Headings without duties below them are no posts here.
pub(crate) fn read_lists(
    document: &Document,
    wings: &[String],
    locator: &mut Locator<'_>,
    harvest: &mut Harvest,
) {
    let lines: Vec<Line<'_>> =
        lines(document).into_iter().filter(|l| l.text.chars().any(char::is_alphabetic)).collect();
    let mut reader =
        Reader { wrapped: document.format == Format::Pdf, locator, harvest, wing: String::new(), open: None };
    for (i, line) in lines.iter().enumerate() {
        match part(&lines, i, wings, reader.open.is_some()) {
            Part::Post { name, rest } => reader.start(line, &name, &rest),
            Part::Duties(title) => reader.role(line, title),
            Part::Wing(name) => reader.wing(line, name),
            Part::Break => reader.close(),
            Part::Text => reader.work(line, line.text),
        }
    }
    reader.close();
}

struct Reader<'a, 'd> {
    wrapped: bool,
    locator: &'a mut Locator<'d>,
    harvest: &'a mut Harvest,
    wing: String,
    open: Option<Open>,
}

struct Open {
    post: Designation,
    /// The role whose work is being gathered.
    role: Role,
    /// Its lines with their places.
    lines: Vec<(Place, String)>,
    /// True where a section's heading stands for the post.
    section: bool,
}

impl Reader<'_, '_> {
    fn quote(&mut self, line: &Line<'_>) -> Vec<Evidence> {
        self.locator.quote(place(line), &[line.text.to_owned()])
    }

    fn start(&mut self, line: &Line<'_>, name: &str, rest: &str) {
        self.close();
        let Some(post) = post_name(name) else { return };
        let evidence = self.quote(line);
        self.open(post.name, post.written, post.headcount, evidence, false);
        if !rest.is_empty() {
            self.work(line, rest);
        }
    }

    fn open(
        &mut self,
        name: String,
        written: String,
        headcount: Option<u32>,
        evidence: Vec<Evidence>,
        section: bool,
    ) {
        let wing = self.wing.clone();
        let role = Role { title: String::new(), activities: Vec::new(), evidence: evidence.clone() };
        let post = Designation { name, written, wing, headcount, evidence, ..Designation::default() };
        self.open = Some(Open { post, role, lines: Vec::new(), section });
    }

    fn wing(&mut self, line: &Line<'_>, name: String) {
        self.close();
        self.wing.clone_from(&name);
        // Until a post is named, the section's own heading stands for the post.
        let evidence = self.quote(line);
        self.open(name, collapse(line.text), None, evidence, true);
    }

    fn role(&mut self, line: &Line<'_>, title: String) {
        let evidence = self.quote(line);
        self.flush();
        if let Some(open) = &mut self.open {
            open.role = Role { title, activities: Vec::new(), evidence };
        }
    }

    fn work(&mut self, line: &Line<'_>, text: &str) {
        if let Some(open) = &mut self.open {
            open.lines.push((place(line), text.to_owned()));
        }
    }

    /// Ends the role that is being gathered.
    fn flush(&mut self) {
        let Some(open) = &mut self.open else { return };
        let lines = std::mem::take(&mut open.lines);
        let text = lines.iter().map(|(_, l)| l.as_str()).collect::<Vec<_>>().join("\n");
        let mut at = 0;
        for item in split_items(&text, self.wrapped) {
            let first = item.lines.first().cloned().unwrap_or_default();
            // Items come in the order of their lines.
            let found = (at..lines.len()).find(|&i| lines.get(i).is_some_and(|(_, l)| starts_in(l, &first)));
            at = found.unwrap_or(at);
            let Some((place, _)) = lines.get(at) else { continue };
            let evidence = self.locator.quote(*place, &item.lines);
            open.role.activities.push(Activity { text: item.text(), evidence });
        }
        if !open.role.activities.is_empty() {
            let role = std::mem::take(&mut open.role);
            open.post.roles.push(role);
        }
    }

    fn close(&mut self) {
        self.flush();
        let Some(mut open) = self.open.take() else { return };
        // A chart in running text is a list of posts: what stands below a post there is no work.
        let work = |a: &Activity| a.text.split_whitespace().count() >= 4 && !is_post_heading(&a.text);
        if !open.post.activities().any(|(_, a)| work(a)) {
            return;
        }
        // A section that stands for a post is no wing of the posts that follow.
        if open.section {
            self.wing.clear();
        }
        for role in &mut open.post.roles {
            // Work directly below the name: the name is all the heading it has.
            if role.title.is_empty() {
                role.title.clone_from(if open.section { &open.post.written } else { &open.post.name });
            }
        }
        self.harvest.rows.read += 1;
        self.harvest.sections += u32::from(open.section);
        self.harvest.posts.push(open.post);
    }
}

fn place(line: &Line<'_>) -> Place {
    Place { block_page: line.page, block: line.block, page: line.page, row: None }
}

/// True where an item that starts with `first` begins in the line.
fn starts_in(line: &str, first: &str) -> bool {
    let (line, first) = (collapse(line), collapse(first));
    let head: String = first.chars().take(24).collect();
    line.contains(&head) || (line.chars().count() < 24 && first.starts_with(&line))
}

fn part(lines: &[Line<'_>], i: usize, wings: &[String], inside: bool) -> Part {
    let Some(line) = lines.get(i) else { return Part::Text };
    let text = line.text.trim();
    let (mark, bare) = marker(text).map_or((None, text), |(m, rest)| (Some(m), rest));
    let words = bare.split_whitespace().count();
    let bulleted = mark.is_some_and(|m| matches!(m.style, Style::Bullet(_)));
    if words <= HEADING
        && !bulleted
        && let Some(title) = duties_title(bare, line)
    {
        return title;
    }
    // Below a post "(a) Supervises Section Officers" is a duty, "2. Section Officer" may be the next post.
    let lettered = mark.is_some_and(|m| !matches!(m.style, Style::Number)) && line.heading.is_none();
    let item = bulleted || (inside && lettered);
    if !item && words <= HEADING && stands_alone(lines, i) {
        let name = bare.trim_end_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}".contains(c));
        let name = name.strip_suffix(" \u{903}").unwrap_or(name);
        if is_post_heading(name) {
            return Part::Post { name: name.to_owned(), rest: String::new() };
        }
        if (line.heading.is_some() || text.ends_with(':') || mark.is_none())
            && is_section(name, wings)
            && titled(name)
        {
            return Part::Wing(wing_name(name, wings));
        }
    }
    if let Some((name, rest)) = inline(bare)
        && !item
        && is_post_heading(name)
    {
        return Part::Post { name: name.to_owned(), rest: rest.to_owned() };
    }
    if inside && line.heading.is_some_and(|level| level <= 2) && mark.is_none() {
        return Part::Break;
    }
    Part::Text
}

/// "Duties:", "Financial powers", "कार्य एवं दायित्व", also "Powers and duties of the Registrar".
fn duties_title(text: &str, line: &Line<'_>) -> Option<Part> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}\u{903}".contains(c));
    let folded = fold(bare);
    let work = |t: &str| matches!(classify(t), Some(Column::Duty | Column::Role | Column::Activity));
    for (joint, english) in
        [(" of the ", true), (" of ", true), (" के ", false), (" का ", false), (" की ", false)]
    {
        let Some((a, b)) = bare.split_once(joint) else { continue };
        let (duty, post) = if english { (a, b) } else { (b, a) };
        if work(duty) && is_post_heading(post.trim()) {
            return Some(Part::Post { name: post.trim().to_owned(), rest: String::new() });
        }
    }
    // "Holds charge of the wing" is a duty, "Financial powers" the title of some.
    let is_work = |c| matches!(c, Some(Column::Duty | Column::Role | Column::Activity));
    let marked = text.trim_end().ends_with([':', '-', '\u{903}']) || line.heading.is_some();
    let short = folded.split(' ').count() <= 5;
    let known = is_work(exactly(bare)) && (marked || folded.contains(' '));
    let phrase = marked && short && work(bare) && !names_post(bare);
    (known || phrase).then(|| Part::Duties(bare.to_owned()))
}

/// True where a line is the whole of its block, or its block goes on with a list.
fn stands_alone(lines: &[Line<'_>], i: usize) -> bool {
    let Some(line) = lines.get(i) else { return false };
    let here = |l: &&Line<'_>| l.page == line.page && l.block == line.block;
    let before = i.checked_sub(1).and_then(|k| lines.get(k)).filter(here);
    let first = before.is_none();
    let ended = before.is_some_and(|l| l.text.ends_with(['.', '\u{964}', ';']));
    let next = lines.get(i + 1).filter(here);
    let list_follows = next.is_some_and(|n| marker(n.text).is_some());
    let short = next.is_some_and(|n| line.text.chars().count() * 2 < n.text.chars().count());
    (first || ended || line.text.ends_with(':'))
        && (next.is_none() || list_follows || short || line.text.ends_with(':'))
}

/// "Joint Secretary: Overall charge of the wing".
fn inline(text: &str) -> Option<(&str, &str)> {
    let at = text.find([':', '\u{2013}', '\u{2014}']).or_else(|| text.find(" - "))?;
    let name = text.get(..at)?.trim();
    let rest =
        text.get(at..)?.trim_start_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}".contains(c));
    let plain = (1..=8).contains(&name.split_whitespace().count()) && rest.split_whitespace().count() >= 2;
    plain.then_some((name, rest))
}

/// True where a heading is the name of a post and no sentence about one.
fn is_post_heading(name: &str) -> bool {
    let name = name.trim();
    if name.ends_with(['.', ',', ';', '\u{964}', '?']) && !name.ends_with("dt.") && !name.ends_with("Asst.") {
        return false;
    }
    let Some(post) = post_name(name) else { return false };
    let post_head = head(&post.name);
    if !names_post(post_head) {
        return false;
    }
    if has_devanagari(name) {
        // A post's name stands at the start or at the end of its heading.
        let words: Vec<&str> = post_head.split_whitespace().collect();
        // "महानिदेशक को प्रस्तुत करना" is a sentence.
        let particles = ["को", "ने", "से", "में", "पर", "द्वारा", "हेतु", "करना", "करने", "है", "हैं", "कार्य"];
        if words.iter().any(|w| particles.contains(w)) {
            return false;
        }
        let edge = (1..=words.len().min(7)).any(|n| {
            let start = words.get(..n).is_some_and(|w| is_known_post(&w.join(" ")));
            start || words.get(words.len() - n..).is_some_and(|w| is_known_post(&w.join(" ")))
        });
        return edge && words.len() <= 8;
    }
    titled(name) && post_head.split_whitespace().count() <= 8
}

/// True for "Chief Accounts Officer of the Board": every word but the small ones with a capital.
fn titled(name: &str) -> bool {
    if has_devanagari(name) {
        return true;
    }
    let small = ["of", "the", "and", "for", "in", "to", "cum", "on", "&", "or", "-", "/", "i/c"];
    let mut words = name.split_whitespace().filter(|w| w.chars().any(char::is_alphabetic));
    words.all(|w| {
        small.contains(&w)
            || w.trim_start_matches(['(', '"'])
                .chars()
                .next()
                .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, BlockKind, Page};

    fn read(blocks: &[(BlockKind, &str)]) -> Vec<Designation> {
        let block = |(kind, text): &(BlockKind, &str)| Block {
            kind: kind.clone(),
            text: (*text).to_owned(),
            bbox: None,
        };
        let page = Page { number: 1, blocks: blocks.iter().map(block).collect(), ..Page::default() };
        let document = Document {
            name: "manual.pdf".to_owned(),
            format: Format::Pdf,
            sha256: String::new(),
            pages: vec![page],
            warnings: Vec::new(),
        };
        let mut harvest = Harvest::new("manual.pdf");
        read_lists(&document, &[], &mut Locator::new(&document), &mut harvest);
        assert_eq!(harvest.rows.read as usize, harvest.posts.len());
        harvest.posts
    }

    fn shape(posts: &[Designation]) -> Vec<(&str, Vec<(&str, usize)>)> {
        posts
            .iter()
            .map(|p| {
                (p.name.as_str(), p.roles.iter().map(|r| (r.title.as_str(), r.activities.len())).collect())
            })
            .collect()
    }

    #[test]
    fn a_heading_and_the_bullets_below_it_are_a_post() {
        let posts = read(&[
            (BlockKind::Heading(1), "Powers and duties of officers and employees"),
            (BlockKind::Heading(3), "1. Joint Secretary"),
            (BlockKind::ListItem, "\u{2022} Holds charge of the wing"),
            (BlockKind::ListItem, "\u{2022} Assists the Secretary\nin all cases"),
            (BlockKind::Paragraph, "2. US (Estt.)"),
            (BlockKind::Heading(3), "Financial powers:"),
            (BlockKind::ListItem, "(a) Sanctions advances up to one lakh rupees"),
            (BlockKind::Heading(3), "Duties:"),
            (BlockKind::ListItem, "(a) Supervises Section Officers"),
            (BlockKind::ListItem, "(b) Section Officer"),
        ]);
        assert_eq!(
            shape(&posts),
            [
                ("Joint Secretary", vec![("Joint Secretary", 2)]),
                ("Under Secretary (Establishment)", vec![("Financial powers", 1), ("Duties", 2)]),
            ]
        );
        assert_eq!(posts[0].roles[0].activities[1].text, "Assists the Secretary in all cases");
        assert_eq!(posts[0].roles[0].activities[0].evidence[0].block, Some(2));
    }

    #[test]
    fn hindi_headings_and_duties() {
        let posts = read(&[
            (BlockKind::Heading(2), "निदेशक नियोजन एवं बजट"),
            (BlockKind::Heading(2), "कार्य एवं दायित्व ः"),
            (BlockKind::ListItem, "\u{2022} बजट का नियंत्रण करना।"),
            (BlockKind::ListItem, "\u{2022} अन्य कार्य जो महानिदेशक सौंपें।"),
        ]);
        assert_eq!(shape(&posts), [("निदेशक नियोजन एवं बजट", vec![("कार्य एवं दायित्व", 2)])]);
    }

    #[test]
    fn a_section_and_its_work_stand_for_a_post() {
        let posts = read(&[
            (BlockKind::Paragraph, "Section: Establishment-I"),
            (BlockKind::ListItem, "1. Appointment and posting of Group A officers"),
            (BlockKind::ListItem, "2. Seniority lists"),
            (
                BlockKind::Paragraph,
                "Accounts Section:\nPay bills, budget and audit of the whole department and of its offices.",
            ),
        ]);
        assert_eq!(posts.len(), 2);
        assert_eq!((posts[0].wing.as_str(), posts[0].roles[0].activities.len()), ("Establishment-I", 2));
        assert_eq!(posts[1].wing, "Accounts Section");
    }

    #[test]
    fn duties_on_the_line_of_the_post() {
        let posts = read(&[
            (
                BlockKind::Paragraph,
                "Secretary: Administrative head of the Department; principal adviser of the Minister",
            ),
            (BlockKind::Paragraph, "Director/Deputy Secretary \u{2013} Holds charge of a division"),
            (BlockKind::Paragraph, "Note: this list is not final"),
        ]);
        assert_eq!(
            posts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
            ["Secretary", "Director/Deputy Secretary"]
        );
    }

    #[test]
    fn a_list_of_posts_alone_gives_none() {
        let posts = read(&[
            (BlockKind::Paragraph, "Principal Secretary"),
            (BlockKind::Paragraph, "Joint Secretary"),
            (BlockKind::Paragraph, "Under Secretary"),
        ]);
        assert!(posts.is_empty(), "{posts:?}");
    }
}

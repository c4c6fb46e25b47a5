//! Posts from running text: a designation, then its duties; a section, then its work.

use cbp_core::{Activity, Designation, Evidence, Role};

use super::Harvest;
use super::heading::{Part, charts, is_post_heading, part};
use super::name::post_name;
use crate::prose::{Line, Locator, Place, collapse, lines, split_items};
use crate::{Document, Format};

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
    let charts = charts(document, &lines);
    for (i, line) in lines.iter().enumerate() {
        if charts.contains(&line.page) {
            reader.close();
            continue;
        }
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
    fn a_bullet_before_the_title_of_duties_makes_it_no_duty() {
        let posts = read(&[
            (BlockKind::Heading(2), "निदेशक नियोजन एवं बजट"),
            (BlockKind::ListItem, "\u{2022} कार्य एवं दायित्व :"),
            (BlockKind::ListItem, "1. बजट का नियंत्रण करना।"),
            (BlockKind::ListItem, "2. अन्य कार्य जो महानिदेशक सौंपें।"),
        ]);
        assert_eq!(shape(&posts), [("निदेशक नियोजन एवं बजट", vec![("कार्य एवं दायित्व", 2)])]);
    }

    #[test]
    fn a_chart_under_a_bulleted_title_is_a_chart() {
        let posts = read(&[
            (BlockKind::ListItem, "\u{2022} संगठन का ढाँचा :-"),
            (BlockKind::Paragraph, "प्रमुख सचिव"),
            (BlockKind::Paragraph, "विशेष सचिव-2"),
            (BlockKind::Paragraph, "संयुक्त सचिव-2"),
            (BlockKind::Paragraph, "अनुभाग अधिकारी-9 (कुल अनुभाग-11)"),
        ]);
        assert!(posts.is_empty(), "{posts:?}");
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

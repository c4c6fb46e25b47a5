//! A catalogue of which only ids and texts are known.

use cbp_core::{Catalogue, Course};

/// Makes a catalogue of ids and texts. Of a text, what stands before the first full stop is taken for the title.
pub fn catalogue_of_texts<I, T>(texts: impl IntoIterator<Item = (I, T)>) -> Catalogue
where
    I: Into<String>,
    T: AsRef<str>,
{
    let course = |(id, text): (I, T)| {
        let (name, description) = text.as_ref().split_once(". ").unwrap_or((text.as_ref(), ""));
        Course { id: id.into(), name: name.into(), description: description.into(), ..Course::default() }
    };
    Catalogue {
        format: Catalogue::FORMAT.into(),
        version: Catalogue::VERSION,
        courses: texts.into_iter().map(course).collect(),
    }
}

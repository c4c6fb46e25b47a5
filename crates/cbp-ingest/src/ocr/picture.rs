//! The picture of a page: rendered by poppler's `pdftoppm` where it is installed, else the scan inside the file.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use lopdf::{Dictionary, Object, Stream};

use super::tesseract::{finish, on_path, spawn};
use super::{OcrError, Picture};
use crate::pdf::PdfFile;

/// Usual resolution; small print of gazettes needs it.
const DPI: f32 = 300.0;
/// Longest side of a rendered page in pixels: posters are rendered coarser.
const LONGEST: f32 = 5_000.0;

/// Makes pictures of the pages of one document.
pub(crate) struct PictureSource<'f> {
    file: &'f PdfFile,
    /// The renderer and the document as a file for it.
    renderer: Option<(PathBuf, tempfile::NamedTempFile)>,
    password: Option<String>,
}

impl<'f> PictureSource<'f> {
    pub(crate) fn new(file: &'f PdfFile, bytes: &[u8], password: Option<&str>) -> Result<Self, OcrError> {
        let renderer = match on_path("pdftoppm") {
            Some(program) => {
                let io = |source| OcrError::Io { path: std::env::temp_dir().display().to_string(), source };
                let mut copy = tempfile::Builder::new().suffix(".pdf").tempfile().map_err(io)?;
                copy.write_all(bytes).and_then(|()| copy.flush()).map_err(io)?;
                Some((program, copy))
            }
            None => None,
        };
        Ok(Self { file, renderer, password: password.map(str::to_owned) })
    }

    /// The picture of a page (1-based), `width` × `height` points large.
    pub(crate) fn picture(&self, number: u32, width: f32, height: f32) -> Result<Picture, OcrError> {
        let Some((program, copy)) = &self.renderer else { return self.scan(number, width) };
        let dpi = DPI.min(LONGEST * 72.0 / width.max(height).max(1.0)).max(20.0) as u32;
        let mut command = Command::new(program);
        let page = number.to_string();
        command.args(["-q", "-gray", "-r", &dpi.to_string(), "-f", &page, "-l", &page]);
        if let Some(password) = &self.password {
            command.args(["-upw", password]);
        }
        let bytes = finish(spawn(command.arg(copy.path()), "pdftoppm")?, Vec::new(), "pdftoppm")?;
        if bytes.is_empty() { self.scan(number, width) } else { Ok(Picture { bytes, dpi }) }
    }

    /// The largest picture that an upright page holds, as a file of its own.
    fn scan(&self, number: u32, width: f32) -> Result<Picture, OcrError> {
        let file = self.file;
        let page = (number as usize).checked_sub(1).and_then(|i| file.pages.get(i));
        let page = page.and_then(|id| file.doc.objects.get(id)).and_then(|o| file.as_dict(o));
        let page = page.ok_or(OcrError::NoPicture)?;
        if file.as_number(file.inherited(page, b"Rotate")).unwrap_or(0.0) != 0.0 {
            return Err(OcrError::NoPicture);
        }
        let resources = file.as_dict(file.inherited(page, b"Resources")).ok_or(OcrError::NoPicture)?;
        let mut images = Vec::new();
        collect_images(file, resources, 0, &mut images);
        let pixels = |s: &&Stream| {
            let side = |key: &[u8]| file.number(&s.dict, key).unwrap_or(0.0);
            (side(b"Width") * side(b"Height")) as u64
        };
        let largest = images.into_iter().max_by_key(pixels).ok_or(OcrError::NoPicture)?;
        let bytes = image_file(file, largest).ok_or(OcrError::NoPicture)?;
        let across = file.number(&largest.dict, b"Width").unwrap_or(0.0) as f32;
        Ok(Picture { bytes, dpi: (across * 72.0 / width.max(1.0)).clamp(70.0, 1_200.0) as u32 })
    }
}

fn collect_images<'f>(file: &'f PdfFile, resources: &'f Dictionary, depth: usize, out: &mut Vec<&'f Stream>) {
    let Some(objects) = file.dict(resources, b"XObject") else { return };
    for (_, object) in objects {
        let Object::Stream(stream) = file.resolve(object) else { continue };
        match file.name(&stream.dict, b"Subtype") {
            Some(b"Image") if out.len() < 1_000 => out.push(stream),
            Some(b"Form") if depth < 3 => {
                if let Some(own) = file.dict(&stream.dict, b"Resources") {
                    collect_images(file, own, depth + 1, out);
                }
            }
            _ => {}
        }
    }
}

/// An image stream as a file: JPEG and JPEG 2000 as they are, fax data in a TIFF, plain samples as PNM.
fn image_file(file: &PdfFile, stream: &Stream) -> Option<Vec<u8>> {
    let dict = &stream.dict;
    let first = |key: &[u8]| match file.get(dict, key) {
        Object::Array(list) => list.first().map_or(&Object::Null, |o| file.resolve(o)),
        other => other,
    };
    let side = |key: &[u8]| file.number(dict, key).filter(|v| (1.0..=40_000.0).contains(v)).map(|v| v as u32);
    let (width, height) = (side(b"Width")?, side(b"Height")?);
    match first(b"Filter").as_name().unwrap_or_default() {
        b"DCTDecode" | b"DCT" | b"JPXDecode" => Some(stream.content.clone()),
        b"CCITTFaxDecode" | b"CCF" => {
            let parameters = file.as_dict(first(b"DecodeParms"));
            let k = parameters.and_then(|p| file.number(p, b"K")).unwrap_or(0.0);
            let black_is_1 =
                parameters.is_some_and(|p| matches!(file.get(p, b"BlackIs1"), Object::Boolean(true)));
            Some(fax_tiff(&stream.content, width, height, k < 0.0, black_is_1))
        }
        b"JBIG2Decode" => None,
        _ => {
            let data = file.data(stream).ok()?;
            let depth = file.number(dict, b"BitsPerComponent").unwrap_or(1.0) as u32;
            let pixels = width as usize * height as usize;
            let magic = match depth {
                1 if data.len() >= width.div_ceil(8) as usize * height as usize => "P4",
                8 if data.len() >= pixels * 3 => "P6",
                8 if data.len() >= pixels => "P5",
                _ => return None,
            };
            let mut out = format!("{magic}\n{width} {height}\n").into_bytes();
            // In PBM a set bit is black, in PDF it is white.
            let flip = if depth == 1 { 0xFF } else { 0 };
            if depth == 8 {
                out.extend_from_slice(b"255\n");
            }
            out.extend(data.into_iter().map(|b| b ^ flip));
            Some(out)
        }
    }
}

/// A TIFF of one strip around fax data of group 3 or 4.
fn fax_tiff(data: &[u8], width: u32, height: u32, group4: bool, black_is_1: bool) -> Vec<u8> {
    let entries: [(u16, u32); 9] = [
        (256, width),
        (257, height),
        (258, 1),
        (259, if group4 { 4 } else { 3 }),
        (262, u32::from(black_is_1)),
        (273, 8 + 2 + 9 * 12 + 4),
        (277, 1),
        (278, height),
        (279, data.len() as u32),
    ];
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(4u16.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out.extend_from_slice(data);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fax_data_stands_where_the_tiff_says() {
        let tiff = fax_tiff(b"data", 16, 2, true, false);
        let entry = |tag: u16| {
            let at = (0..9).map(|i| 10 + 12 * i).find(|&at| tiff[at..at + 2] == tag.to_le_bytes()).unwrap();
            u32::from_le_bytes(tiff[at + 8..at + 12].try_into().unwrap())
        };
        assert_eq!((entry(256), entry(257), entry(259), entry(279)), (16, 2, 4, 4));
        assert_eq!(&tiff[entry(273) as usize..], b"data");
    }
}

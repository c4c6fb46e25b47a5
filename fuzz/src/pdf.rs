//! A small PDF around bytes under test; the property tests of `cbp-ingest` use it too.

/// A PDF of one page with this content and this font, whose `ToUnicode` map and program are given. Without an index:
/// the reader finds the objects itself.
pub fn pdf(content: &[u8], to_unicode: &[u8], program: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n\
        1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n\
        2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
        3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
        /Resources<</Font<</F1 5 0 R/F2 8 0 R>>/XObject<</X 4 0 R>>>>>> endobj\n"
        .to_vec();
    let mut stream = |number: u32, dict: &str, data: &[u8]| {
        out.extend_from_slice(format!("{number} 0 obj <<{dict}/Length {}>> stream\n", data.len()).as_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(b"\nendstream endobj\n");
    };
    stream(4, "/Type/XObject/Subtype/Form", content);
    stream(6, "", to_unicode);
    stream(9, "", program);
    out.extend_from_slice(
        b"5 0 obj <</Type/Font/Subtype/TrueType/BaseFont/Mangal/ToUnicode 6 0 R/FontDescriptor 7 0 R>> endobj\n\
        7 0 obj <</Type/FontDescriptor/FontName/Mangal/Flags 4/FontFile2 9 0 R>> endobj\n\
        8 0 obj <</Type/Font/Subtype/Type0/BaseFont/Mangal/Encoding/Identity-H/ToUnicode 6 0 R\
        /DescendantFonts[<</Subtype/CIDFontType2/FontDescriptor 7 0 R>>]>> endobj\n\
        trailer <</Root 1 0 R/Size 10>>\n%%EOF\n",
    );
    out
}

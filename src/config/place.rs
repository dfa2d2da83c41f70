//! Where each key stands in the text of a RON file, so that an error can point at it.

use std::ops::Range;

/// Deeper nesting than this is not followed; our own file nests three levels.
const DEEPEST: usize = 32;

/// One `key: value` of a RON text, as byte ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key with those it stands in: `training.batch_size`. Names of structs and enum variants are not part of it.
    pub path: String,
    /// Where the key stands.
    pub key: Range<usize>,
    /// Where the value stands.
    pub value: Range<usize>,
}

/// Every key of `text`, outer ones before those inside them. Of a text that is not RON, the keys before the fault.
#[must_use]
pub fn entries(text: &str) -> Vec<Entry> {
    let mut scanner = Scanner { text, at: 0, entries: Vec::new() };
    // A fault in the text only ends the list: ron itself reports it.
    let _ = scanner.value("", 0);
    scanner.entries
}

/// The innermost key whose text, from the key to the end of its value, holds the byte `offset`.
#[must_use]
pub fn enclosing(entries: &[Entry], offset: usize) -> Option<&Entry> {
    entries.iter().rev().find(|e| (e.key.start..=e.value.end).contains(&offset))
}

/// Line and column of a byte, both counted from 1, the column in characters.
#[must_use]
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The byte at a line and column as [`line_and_column`] counts them; the text's end for a place behind it.
#[must_use]
pub fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text[start..].char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(i, _)| start + i)
}

/// Whether `offset` stands between two characters of one name or number.
#[must_use]
pub fn inside_word(text: &str, offset: usize) -> bool {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    before.ends_with(is_word) && after.starts_with(is_word)
}

/// Walks a RON text. Every method leaves `at` behind what it has read, or says `None` at a fault.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    entries: Vec<Entry>,
}

impl Scanner<'_> {
    fn value(&mut self, path: &str, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_blanks()?;
        match self.peek()? {
            '"' => self.string(),
            '\'' => self.character(),
            '(' | '[' | '{' => self.group(path, depth),
            'r' | 'b' if self.raw_string_follows() => self.raw_string(),
            _ => {
                let start = self.at;
                self.at += self.rest().find(|c: char| !is_word(c)).unwrap_or(self.rest().len());
                (self.at > start).then_some(())?;
                self.skip_blanks()?;
                // `RmsProp(…)`: the group belongs to the name.
                if self.peek() == Some('(') { self.group(path, depth) } else { Some(()) }
            }
        }
    }

    /// `( … )`, `[ … ]` or `{ … }`: values or `key: value` pairs with commas between them.
    fn group(&mut self, path: &str, depth: usize) -> Option<()> {
        self.bump()?;
        loop {
            self.skip_blanks()?;
            if matches!(self.peek()?, ')' | ']' | '}') {
                return self.bump();
            }
            let start = self.at;
            let slot = self.entries.len();
            self.value(path, depth + 1)?;
            let end = self.at;
            self.skip_blanks()?;
            if self.peek()? == ':' {
                self.bump()?;
                self.skip_blanks()?;
                let key = start..start + self.text[start..end].trim_end().len();
                let name = self.text[key.clone()].trim_matches('"');
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let value_start = self.at;
                // Entered before its value is read, so that it is there when the value has a fault.
                self.entries.insert(slot, Entry { path: path.clone(), key, value: value_start..self.text.len() });
                self.value(&path, depth + 1)?;
                self.entries[slot].value.end = value_start + self.text[value_start..self.at].trim_end().len();
                self.skip_blanks()?;
            }
            match self.peek()? {
                ',' => self.bump()?,
                ')' | ']' | '}' => {}
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.bump()?;
        loop {
            match self.peek()? {
                '"' => return self.bump(),
                '\\' => {
                    self.bump()?;
                    self.bump()?;
                }
                _ => self.bump()?,
            }
        }
    }

    fn character(&mut self) -> Option<()> {
        self.bump()?;
        if self.peek()? == '\\' {
            self.bump()?;
        }
        self.bump()?;
        self.at += self.rest().find('\'')? + 1;
        Some(())
    }

    fn raw_string_follows(&self) -> bool {
        let marks = self.rest().trim_start_matches('b');
        marks.strip_prefix('r').is_some_and(|r| r.trim_start_matches('#').starts_with('"'))
            || (self.rest().starts_with('b') && marks.starts_with('"'))
    }

    fn raw_string(&mut self) -> Option<()> {
        let quote = self.rest().find('"')?;
        let hashes = self.rest()[..quote].matches('#').count();
        if !self.rest()[..quote].contains('r') {
            self.at += quote;
            return self.string();
        }
        self.at += quote + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        self.at += self.rest().find(&close)? + close.len();
        Some(())
    }

    /// White space, comments, and the `#![enable(…)]` at the top of a file.
    fn skip_blanks(&mut self) -> Option<()> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.block_comment()?;
            } else if rest.starts_with("#!") {
                self.at += rest.find(']')? + 1;
            } else {
                return Some(());
            }
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            if self.rest().starts_with("/*") {
                open += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                open -= 1;
                self.at += 2;
                if open == 0 {
                    return Some(());
                }
            } else {
                self.bump()?;
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<()> {
        self.at += self.peek()?.len_utf8();
        Some(())
    }
}

/// A character of a name or a number.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_+-.#".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r#"#![enable(implicit_some)]
// batch_size: 1 in a comment
(
    data: (source: "a, (b: c) \" ", name: r"x: {"),
    /* outer /* batch_size: 2 */ still */
    training: (
        batch_size: 128,
        optimizer: RmsProp(learning_rate: 1e-3),
        hidden: [512, 256],
    ),
    keys: { "quit": ["q", "é"], },
)"#;

    #[test]
    fn finds_every_key_with_its_value() {
        let found: Vec<_> =
            entries(TEXT).into_iter().map(|e| (e.path.clone(), TEXT[e.value].replace('\n', " "))).collect();
        let found: Vec<_> = found.iter().map(|(p, v)| (p.as_str(), v.as_str())).collect();
        assert_eq!(found[0].0, "data");
        assert_eq!(found[1], ("data.source", r#""a, (b: c) \" ""#));
        assert_eq!(found[2], ("data.name", r#"r"x: {""#));
        assert_eq!(found[3].0, "training");
        assert_eq!(found[4], ("training.batch_size", "128"));
        assert_eq!(found[5], ("training.optimizer", "RmsProp(learning_rate: 1e-3)"));
        assert_eq!(found[6], ("training.optimizer.learning_rate", "1e-3"));
        assert_eq!(found[7], ("training.hidden", "[512, 256]"));
        assert_eq!(found[8].0, "keys");
        assert_eq!(found[9], ("keys.quit", r#"["q", "é"]"#));
        assert_eq!(found.len(), 10);
    }

    #[test]
    fn raw_strings_end_with_as_many_hashes_as_they_begin_with() {
        let text = "(a: r##\"x\"# b: \"##, c: br\"y: \", d: b\"\\\"z: \", e: '\\'', f: ')')";
        let found: Vec<_> = entries(text).into_iter().map(|e| e.path).collect();
        assert_eq!(found, ["a", "c", "d", "e", "f"]);
    }

    #[test]
    fn the_innermost_key_encloses_a_place() {
        let entries = entries(TEXT);
        let rate = TEXT.find("1e-3").unwrap();
        assert_eq!(enclosing(&entries, rate).unwrap().path, "training.optimizer.learning_rate");
        let list = TEXT.find("256").unwrap();
        assert_eq!(enclosing(&entries, list).unwrap().path, "training.hidden");
        assert_eq!(enclosing(&entries, 0), None);
    }

    #[test]
    fn keys_before_a_fault_are_found() {
        let paths: Vec<_> = entries("(a: 1, b: (c: \"x\" d: 2))").into_iter().map(|e| e.path).collect();
        assert_eq!(paths, ["a", "b", "b.c"]);
    }

    #[test]
    fn columns_count_characters() {
        let text = "(\n  é: 1,\n)";
        assert_eq!(line_and_column(text, text.find('1').unwrap()), (2, 6));
        assert_eq!(offset(text, 2, 6), text.find('1').unwrap());
        assert_eq!(offset(text, 9, 9), text.len());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[(){}\\[\\]:,\"'\\\\ab#/* \n!ré]{0,60}") {
            for entry in entries(&text) {
                let (line, column) = line_and_column(&text, entry.key.start);
                prop_assert_eq!(offset(&text, line, column), entry.key.start);
            }
        }
    }
}

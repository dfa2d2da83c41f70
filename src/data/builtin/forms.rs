//! The forms of the ten digits, drawn for this program.

mod eight;
mod five;
mod four;
mod nine;
mod one;
mod seven;
mod six;
mod three;
mod two;
mod zero;

use crate::data::builtin::form::Form;
use crate::data::dataset::CLASSES;

/// The forms of each digit.
pub const FORMS: [&[Form]; CLASSES] = [
    zero::FORMS,
    one::FORMS,
    two::FORMS,
    three::FORMS,
    four::FORMS,
    five::FORMS,
    six::FORMS,
    seven::FORMS,
    eight::FORMS,
    nine::FORMS,
];

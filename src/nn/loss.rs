//! Softmax cross-entropy on logits, and accuracy.

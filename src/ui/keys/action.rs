//! What keys can ask for.

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// The data.
    Data,
    /// A layer by its number, from 1.
    Layer(u8),
    /// The node to the left.
    Left,
    /// The node below.
    Down,
    /// The node above.
    Up,
    /// The node to the right.
    Right,
    /// A page of nodes on.
    NextPage,
    /// A page of nodes back.
    PreviousPage,
    /// The first node.
    First,
    /// The last node.
    Last,
    /// Ask for a node's number and go there.
    GoTo,
    /// The next thing to sort the nodes by.
    NextSort,
    /// The one before.
    PreviousSort,
    /// The next filter.
    NextFilter,
    /// The one before.
    PreviousFilter,
    /// The nodes most like the one under the cursor first, or no longer so.
    Similar,
    /// Count changes from now on.
    Mark,
    /// Take this node, to see it less the next one, or no longer so.
    Take,
    /// Show everything known of the node under the cursor, or stop doing so.
    Inspect,
    /// Close what lies on top; never more than that.
    Back,
    /// The next lens.
    NextLens,
    /// The lens before.
    PreviousLens,
    /// The next scale.
    NextScale,
    /// The next colours for maps.
    Colours,
    /// The next characters for small maps.
    Glyphs,
    /// Larger maps.
    Larger,
    /// Smaller maps.
    Smaller,
    /// Gallery with the side column, gallery alone, curves alone.
    Panes,
    /// Curves over the whole run or its recent part.
    CurveSpan,
    /// Pause or go on; at the end of the run, one more epoch.
    Pause,
    /// One training step, then pause.
    StepOnce,
    /// A smaller learning rate.
    RateDown,
    /// A larger learning rate.
    RateUp,
    /// Slower training.
    PaceDown,
    /// Faster training.
    PaceUp,
    /// Begin again with the same seed.
    Restart,
    /// Begin again with the next seed.
    NextSeed,
    /// Write a checkpoint now.
    Save,
    /// The mouse for us, or for the terminal's own selection.
    Mouse,
    /// The help screen.
    Help,
    /// How much is sent to the terminal.
    LinkRate,
    /// Draw everything anew.
    Redraw,
    /// Back to the shell for a while.
    Suspend,
    /// Leave; exit code 0.
    Quit,
    /// Leave; exit code 130.
    Interrupt,
}

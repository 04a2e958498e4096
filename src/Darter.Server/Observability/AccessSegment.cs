namespace Darter.Server.Observability;

/// <summary>A part of an access line.</summary>
/// <param name="Atom">What it shows.</param>
/// <param name="Text">The text of a literal.</param>
/// <param name="Name">The name of a field or variable.</param>
internal readonly record struct AccessSegment(AccessAtom Atom, byte[] Text, string Name);

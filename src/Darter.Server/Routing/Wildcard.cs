namespace Darter.Server.Routing;

/// <summary>A pattern in which <c>*</c> stands for any characters, none included.</summary>
internal sealed class Wildcard
{
    private readonly string[] _pieces;

    internal Wildcard(string pattern) => _pieces = pattern.Split('*');

    /// <summary>Whether a text fits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rest">Where what the last <c>*</c> stands for begins and ends; empty at the end without one.</param>
    internal bool Matches(ReadOnlySpan<char> text, out Range rest)
    {
        rest = text.Length..text.Length;
        if (_pieces.Length == 1)
        {
            return text.SequenceEqual(_pieces[0]);
        }

        string first = _pieces[0];
        string last = _pieces[^1];
        if (text.Length < first.Length + last.Length || !text.StartsWith(first, StringComparison.Ordinal) || !text.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        // Each piece between as early as possible leaves most for the next ones, so that this finds a way if there is one.
        int position = first.Length;
        int end = text.Length - last.Length;
        for (int i = 1; i < _pieces.Length - 1; i++)
        {
            int found = text[position..end].IndexOf(_pieces[i], StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            position += found + _pieces[i].Length;
        }

        rest = position..end;
        return true;
    }

    /// <summary>Whether a text fits.</summary>
    internal bool Matches(ReadOnlySpan<char> text) => Matches(text, out _);
}

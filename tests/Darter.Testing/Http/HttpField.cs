namespace Darter.Testing.Http;

/// <summary>A header field as it was received.</summary>
/// <param name="Name">The name in its own case.</param>
/// <param name="Value">The value without white space around it.</param>
public sealed record HttpField(string Name, string Value)
{
    /// <summary>Whether it has this name, in whatever case.</summary>
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

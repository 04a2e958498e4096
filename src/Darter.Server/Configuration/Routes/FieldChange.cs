namespace Darter.Server.Configuration.Routes;

/// <summary>A header field that is set or removed.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">Its only value from then on; null: it is removed.</param>
public sealed record FieldChange(string Name, string? Value);

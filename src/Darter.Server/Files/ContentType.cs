namespace Darter.Server.Files;

/// <summary>A media type.</summary>
/// <param name="Value">The value of Content-Type.</param>
/// <param name="IsCompressible">Whether such files become smaller by compression.</param>
internal sealed record ContentType(string Value, bool IsCompressible);

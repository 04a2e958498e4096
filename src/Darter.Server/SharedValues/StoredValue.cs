namespace Darter.Server.SharedValues;

/// <summary>A value as it is kept. It never changes: another one takes its place.</summary>
/// <param name="Flags">What the client says about the bytes; the store does not look at it.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Unique">Tells this value from any other that the key had or will have.</param>
internal sealed record StoredValue(uint Flags, byte[] Data, ulong Unique);

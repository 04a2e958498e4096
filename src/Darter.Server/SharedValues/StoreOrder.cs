namespace Darter.Server.SharedValues;

/// <summary>A value that a client wants kept.</summary>
/// <param name="Mode">On what it depends.</param>
/// <param name="Flags">What the client says about the bytes.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Lifetime">How long.</param>
/// <param name="Seen">The value that must be there (<see cref="StoreMode.CompareAndSwap"/>).</param>
internal readonly record struct StoreOrder(StoreMode Mode, uint Flags, byte[] Data, Lifetime Lifetime, ulong Seen = 0);

namespace Darter.Gateway.Runtime;

/// <summary>A descriptor that goes to the front.</summary>
/// <param name="Position">How many bytes the channel sends before the frame that it goes with.</param>
/// <param name="Descriptor">The descriptor.</param>
/// <param name="Closes">Whether it is closed once it is sent.</param>
internal readonly record struct PassedDescriptor(long Position, int Descriptor, bool Closes);

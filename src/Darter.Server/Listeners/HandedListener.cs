namespace Darter.Server.Listeners;

/// <summary>A listening socket on its way from one front to the next.</summary>
/// <param name="Address">The address as the first front was asked for it, a port 0 included.</param>
/// <param name="Descriptor">The socket, under the same number in both processes.</param>
public sealed record HandedListener(string Address, int Descriptor);

using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>Where a file may be.</summary>
/// <param name="Folder">The folder, which it cannot lie outside of.</param>
/// <param name="Path">The path below it, as <see cref="ServedFolder.TryOpen"/> wants it.</param>
internal readonly record struct FilePlace(ServedFolder Folder, byte[] Path);

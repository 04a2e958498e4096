namespace Darter.Transport.Files;

/// <summary>A file in a folder.</summary>
/// <param name="Name">Its name, which need not be text.</param>
/// <param name="Status">What it is; a link is a link here.</param>
public readonly record struct FolderEntry(ReadOnlyMemory<byte> Name, FileStatus Status);

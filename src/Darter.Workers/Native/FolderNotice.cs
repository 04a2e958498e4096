namespace Darter.Workers.Native;

/// <summary>Something happened in a folder that is watched.</summary>
/// <param name="Folder">The folder's number.</param>
/// <param name="Name">The entry; empty if it is about the folder itself.</param>
/// <param name="IsFolder">Whether the entry is a folder.</param>
/// <param name="IsGone">Whether it was removed or renamed.</param>
/// <param name="IsWhole">Whether it was written, or renamed into place.</param>
/// <param name="IsEnd">Whether the folder is not watched any more.</param>
/// <param name="IsLoss">Whether notices were lost: there were too many.</param>
internal readonly record struct FolderNotice(int Folder, string Name, bool IsFolder, bool IsGone, bool IsWhole, bool IsEnd, bool IsLoss);

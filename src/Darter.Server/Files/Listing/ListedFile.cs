namespace Darter.Server.Files.Listing;

/// <summary>A file in a listing.</summary>
/// <param name="Name">Its name as text; bytes that are none are replaced.</param>
/// <param name="Url">Its URL, relative to the folder's.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Modified">When it was modified.</param>
internal sealed record ListedFile(string Name, string Url, bool IsFolder, long Length, DateTimeOffset Modified);

using System.Text.Json.Serialization;

namespace Darter.Server.Files.Listing;

/// <summary>A listing for programs.</summary>
/// <param name="Path">The folder's path in the URL.</param>
/// <param name="Complete">Whether all files are in it.</param>
/// <param name="Entries">The files.</param>
internal sealed record ListingDocument(string Path, bool Complete, IReadOnlyList<ListingEntry> Entries);

/// <summary>A file in it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">"file" or "folder".</param>
/// <param name="Size">Its length in bytes; folders have none.</param>
/// <param name="Modified">When it was modified.</param>
/// <param name="Url">Its URL, relative to the folder's.</param>
internal sealed record ListingEntry(string Name, string Type, long? Size, DateTimeOffset Modified, string Url);

/// <summary>Writes it without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ListingDocument))]
internal sealed partial class ListingJson : JsonSerializerContext;

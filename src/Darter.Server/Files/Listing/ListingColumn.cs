namespace Darter.Server.Files.Listing;

/// <summary>What a listing is sorted by.</summary>
internal enum ListingColumn
{
    /// <summary>The name.</summary>
    Name,

    /// <summary>The length.</summary>
    Size,

    /// <summary>The time of modification.</summary>
    Date,
}

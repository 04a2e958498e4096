using System.Text;
using System.Text.Json;
using Darter.Server.Files.Listing;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Files;

/// <summary>Listing a folder.</summary>
internal sealed partial class FileExchange
{
    private async Task AnswerListingAsync(OpenedFile folder)
    {
        await LeaveLoopAsync().ConfigureAwait(false);
        int query = _request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        ListingOrder order = ListingOrder.Parse(query < 0 ? "" : _request.RawTarget.AsSpan(query));
        FolderListing listing;
        try
        {
            listing = FolderListing.Read(_site, folder, _path, order);
        }
        catch (IOException exception)
        {
            FolderSite.Log.CannotList(_site.Logger, _request.Method, _request.RawTarget, exception.Message);
            await RefuseAsync(StatusCodes.Status500InternalServerError).ConfigureAwait(false);
            return;
        }

        // A listing changes whenever a file in it does, and has no version that could be compared.
        IHeaderDictionary headers = _response.Headers;
        headers.CacheControl = "no-cache";
        headers.Vary = "Accept";
        headers["X-Content-Type-Options"] = "nosniff";
        string path = $"{_config.Prefix}/{Encoding.UTF8.GetString(_path.Bytes)}";
        if (PrefersJson(_request.Headers.Accept))
        {
            headers.ContentType = "application/json";
            ListingDocument document = new(
                _path.IsRoot ? $"{_config.Prefix}/" : $"{path}/",
                listing.IsComplete,
                [.. listing.Files.Select(file => new ListingEntry(file.Name, file.IsFolder ? "folder" : "file", file.IsFolder ? null : file.Length, file.Modified, file.Url))]);
            await WriteWholeAsync(JsonSerializer.SerializeToUtf8Bytes(document, ListingJson.Default.ListingDocument)).ConfigureAwait(false);
            return;
        }

        headers.ContentType = "text/html; charset=utf-8";
        headers.ContentSecurityPolicy = ListingPage.SecurityPolicy;
        string page = ListingPage.Create(listing, _path.IsRoot ? $"{_config.Prefix}/" : $"{path}/", order, _path.IsRoot, _config.Upload is not null);
        await WriteWholeAsync(Encoding.UTF8.GetBytes(page)).ConfigureAwait(false);
    }

    /// <summary>Whether a client names JSON and not HTML, or rates it higher. Browsers name HTML; who takes anything gets HTML.</summary>
    private static bool PrefersJson(string? accept)
    {
        if (accept is null)
        {
            return false;
        }

        double json = 0;
        double html = 0;
        foreach (string item in accept.Split(','))
        {
            string[] parts = item.Split(';', StringSplitOptions.TrimEntries);
            double weight = 1;
            foreach (string parameter in parts.Skip(1))
            {
                if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                    && double.TryParse(parameter.AsSpan(2), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double value))
                {
                    weight = value;
                }
            }

            json = parts[0].Equals("application/json", StringComparison.OrdinalIgnoreCase) ? weight : json;
            html = parts[0].Equals("text/html", StringComparison.OrdinalIgnoreCase) ? weight : html;
        }

        return json > html;
    }
}

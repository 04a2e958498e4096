using System.Globalization;
using System.Net;
using System.Text;

namespace Darter.Server.Files.Listing;

/// <summary>A listing as a page. It needs no script, and nothing from elsewhere.</summary>
internal static class ListingPage
{
    private static readonly string Style = ReadStyle();

    /// <summary>Nothing but the page's own style, forms to this server, and no frame around it.</summary>
    internal const string SecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Makes the page.</summary>
    /// <param name="listing">The folder's files.</param>
    /// <param name="path">The folder's path in the URL, decoded: text between slashes, one at the end.</param>
    /// <param name="order">The order of the files.</param>
    /// <param name="isRoot">Whether there is nothing above it.</param>
    /// <param name="hasUpload">Whether files may be sent here.</param>
    internal static string Create(FolderListing listing, string path, ListingOrder order, bool isRoot, bool hasUpload)
    {
        StringBuilder page = new(4096 + (listing.Files.Count * 256));
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>").Append(Html(path)).Append("</title>\n<style>\n")
            .Append(Style).Append("</style>\n</head>\n<body>\n<main>\n");
        AppendBreadcrumbs(page, path);
        AppendTable(page, listing, order, isRoot);
        if (hasUpload)
        {
            page.Append("<form method=\"post\" enctype=\"multipart/form-data\">\n<label>Put files here <input type=\"file\" name=\"file\" multiple required></label>\n<button>Upload</button>\n</form>\n");
        }

        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void AppendBreadcrumbs(StringBuilder page, string path)
    {
        string[] parts = path.Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        page.Append("<nav aria-label=\"Path\"><h1>");
        for (int i = -1; i < parts.Length; i++)
        {
            string name = i < 0 ? "Files" : Html(parts[i]);
            if (i >= 0)
            {
                page.Append("<span class=\"sep\">/</span>");
            }

            if (i == parts.Length - 1)
            {
                page.Append("<span aria-current=\"page\">").Append(name).Append("</span>");
            }
            else
            {
                string up = string.Concat(Enumerable.Repeat("../", parts.Length - 1 - i));
                page.Append("<a href=\"").Append(up).Append("\">").Append(name).Append("</a>");
            }
        }

        page.Append("</h1></nav>\n");
    }

    private static void AppendTable(StringBuilder page, FolderListing listing, ListingOrder order, bool isRoot)
    {
        page.Append("<table>\n<thead><tr>");
        AppendHead(page, "Name", "name", ListingColumn.Name, order);
        AppendHead(page, "Size", "size", ListingColumn.Size, order);
        AppendHead(page, "Modified", "date", ListingColumn.Date, order);
        page.Append("</tr></thead>\n<tbody>\n");
        if (!isRoot)
        {
            page.Append("<tr class=\"up\"><td class=\"name\"><a href=\"../\"><span class=\"icon\" aria-hidden=\"true\">↑</span><span>Parent folder</span></a></td><td class=\"size\"></td><td class=\"date\"></td></tr>\n");
        }

        foreach (ListedFile file in listing.Files)
        {
            AppendRow(page, file);
        }

        page.Append("</tbody>\n</table>\n<p class=\"count\">").Append(CountOf(listing)).Append("</p>\n");
    }

    private static void AppendHead(StringBuilder page, string title, string style, ListingColumn column, ListingOrder order)
    {
        bool sorted = order.Column == column;
        string direction = order.Descending ? "descending" : "ascending";
        page.Append("<th class=\"").Append(style).Append('"');
        if (sorted)
        {
            page.Append(" aria-sort=\"").Append(direction).Append('"');
        }

        page.Append("><a href=\"").Append(Html(order.QueryFor(column))).Append("\">").Append(title);
        if (sorted)
        {
            page.Append("<span aria-hidden=\"true\">").Append(order.Descending ? " ↓" : " ↑").Append("</span>");
        }

        page.Append("</a></th>");
    }

    private static void AppendRow(StringBuilder page, ListedFile file)
    {
        string date = file.Modified.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        page.Append("<tr><td class=\"name\"><a href=\"./").Append(file.Url).Append("\"><span class=\"icon ").Append(file.IsFolder ? "folder" : "file")
            .Append("\" aria-hidden=\"true\"></span><span>").Append(Html(file.Name)).Append(file.IsFolder ? "/" : "").Append("</span></a></td><td class=\"size\">")
            .Append(file.IsFolder ? "" : SizeNames.Of(file.Length)).Append("</td><td class=\"date\"><time datetime=\"")
            .Append(file.Modified.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)).Append("\">").Append(date).Append("</time></td></tr>\n");
    }

    private static string CountOf(FolderListing listing)
    {
        int folders = listing.Files.Count(file => file.IsFolder);
        int files = listing.Files.Count - folders;
        string count = (folders, files) switch
        {
            (0, 0) => "Nothing here",
            (0, _) => Plural(files, "file"),
            (_, 0) => Plural(folders, "folder"),
            _ => $"{Plural(folders, "folder")}, {Plural(files, "file")}",
        };
        return $"{count}{(listing.IsComplete ? "" : $"; there are more than {FolderListing.MostEntries}, which are not shown")}; times are UTC";
    }

    private static string Plural(int count, string name) => string.Create(CultureInfo.InvariantCulture, $"{count} {name}{(count == 1 ? "" : "s")}");

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using Stream stream = typeof(ListingPage).Assembly.GetManifestResourceStream("Darter.Server.Files.Listing.listing.css")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}

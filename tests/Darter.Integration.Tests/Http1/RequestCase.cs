namespace Darter.Integration.Tests.Http1;

/// <summary>A case of the files in testassets/requests; their form is described there.</summary>
/// <param name="Name">File and name of the case.</param>
/// <param name="Expected">What must come back.</param>
/// <param name="Requests">The requests as the application must see them.</param>
/// <param name="Bytes">What to send, one character for each byte.</param>
internal sealed record RequestCase(string Name, string Expected, IReadOnlyList<string> Requests, string Bytes)
{
    /// <summary>All cases of the files of a folder of testassets/requests.</summary>
    public static IReadOnlyDictionary<string, RequestCase> ReadAll(string folder) =>
        Directory.GetFiles(Path.Combine(RepositoryPaths.TestAssets, "requests", folder), "*.http")
            .Order()
            .SelectMany(Read)
            .ToDictionary(request => request.Name);

    private static IEnumerable<RequestCase> Read(string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        foreach (string section in File.ReadAllText(path).Split("### ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = section.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            yield return new RequestCase(
                $"{file}: {lines[0]}",
                lines.Single(line => line.StartsWith("> ", StringComparison.Ordinal))[2..],
                lines.Where(line => line.StartsWith("= ", StringComparison.Ordinal)).Select(line => EscapedText.Decode(line.AsSpan(2))).ToList(),
                string.Concat(lines.Skip(1).Where(line => line[..2] is not ("> " or "= ")).Select(line => EscapedText.Decode(line))));
        }
    }
}

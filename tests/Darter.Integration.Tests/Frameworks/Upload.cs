using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>A form with files, as browsers send it, and what the application has to have understood of it.</summary>
internal static class Upload
{
    private static readonly byte[] Small = Bytes(1000);

    // More than Werkzeug and Django keep in memory.
    private static readonly byte[] Large = Bytes(3_000_000);

    /// <summary>Creates the form, with more fields.</summary>
    public static MultipartFormDataContent Create(params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent("Grüße"), "text" },
            { new StringContent("one"), "choice" },
            { new StringContent("two"), "choice" },
            { File(Small), "file", "small.bin" },
            { File(Large), "file", "large.bin" },
            { File([]), "empty", "empty.bin" },
        };
        foreach ((string name, string value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return form;
    }

    /// <summary>Verifies what the application answered: its form, and name, size and hash of each file.</summary>
    public static void AssertUnderstood(JsonElement answer)
    {
        JsonElement form = answer.GetProperty("form");
        Assert.Equal(["Grüße"], Texts(form.GetProperty("text")));
        Assert.Equal(["one", "two"], Texts(form.GetProperty("choice")));
        Assert.Equal(
            [Describe("file", "small.bin", Small), Describe("file", "large.bin", Large), Describe("empty", "empty.bin", [])],
            answer.GetProperty("files").EnumerateArray().Select(Describe));
    }

    private static ByteArrayContent File(byte[] bytes) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(text => text.GetString());

    private static string Describe(string field, string name, byte[] bytes) =>
        $"{field} {name} {bytes.Length} {Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private static string Describe(JsonElement file) =>
        $"{file.GetProperty("field")} {file.GetProperty("name")} {file.GetProperty("size")} {file.GetProperty("sha256")}";
}

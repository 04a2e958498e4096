using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Files;

/// <summary><c>--cgi</c>.</summary>
public sealed class CgiTests(ServerPool pool) : FilesTest(pool)
{
    [Fact]
    public async Task Program_OfAGet_HasTheRequestInItsEnvironment()
    {
        Program("cgi-bin/env", "echo 'Content-Type: text/plain'; echo; env");
        DarterServer server = await ServeAsync("--cgi");
        RawResponse response = await GetAsync(server, "/cgi-bin/env/more/p%C3%A4th?a=1&b=%20", "X-One: 1\r\nProxy: http://evil\r\nX_Two: 2\r\nAuthorization: Basic abc\r\n");
        Assert.Equal(200, response.Status);
        string[] lines = response.Text.Split('\n');
        foreach (string line in (string[])
        [
            "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/env", "PATH_INFO=/more/p\u00c3\u00a4th", "QUERY_STRING=a=1&b=%20",
            "SERVER_PROTOCOL=HTTP/1.1", "SERVER_NAME=a", $"SERVER_PORT={server.Address.Port}", "REMOTE_ADDR=127.0.0.1", "HTTP_X_ONE=1", "HTTP_HOST=a",
            $"PATH_TRANSLATED={Folder}/more/p\u00c3\u00a4th", $"PWD={Folder}/cgi-bin",
        ])
        {
            Assert.Contains(line, lines);
        }

        foreach (string name in (string[])["HTTP_PROXY=", "HTTP_X_TWO=", "HTTP_AUTHORIZATION=", "CONTENT_LENGTH=", "DARTER_TEST_SERVER="])
        {
            Assert.DoesNotContain(lines, line => line.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Program_OfAPost_ReadsTheBody()
    {
        Program("htbin/echo", "echo \"Content-Type: $CONTENT_TYPE\"; echo; echo \"$CONTENT_LENGTH\"; exec cat");
        DarterServer server = await ServeAsync("--cgi");
        string body = new('x', 300_000);
        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address, $"POST /htbin/echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/x-mine\r\nContent-Length: {body.Length}\r\n\r\n{body}", "POST");
        Assert.Equal("text/x-mine", response["Content-Type"]);
        Assert.Equal($"{body.Length}\n{body}", response.Text);
        RawResponse chunked = await RawConnection.ExchangeAsync(
            server.Address, "POST /htbin/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "POST");
        Assert.Equal(411, chunked.Status);
    }

    [Theory]
    [InlineData("printf 'Status: 404 Gone away\\r\\nContent-Type: text/plain\\r\\n\\r\\nno'", 404, "no")]
    [InlineData("printf 'Location: /elsewhere\\n\\n'", 302, "")]
    [InlineData("printf 'Status: 201\\n\\nmade'", 201, "made")]
    [InlineData("printf 'Content-Type: text/plain\\nContent-Length: 99\\nConnection: close\\n\\nshort'", 200, "short")]
    [InlineData("exit 0", 502, null)]
    [InlineData("echo no header fields", 502, null)]
    [InlineData("printf 'Content-Type text/plain\\n\\nbody'", 502, null)]
    [InlineData("printf 'Status: abc\\n\\nbody'", 502, null)]
    [InlineData("printf 'Content-Type: text/plain\\n'", 502, null)]
    [InlineData("head -c 100000 /dev/zero", 502, null)]
    public async Task Program_Answer_IsRead(string script, int status, string? text)
    {
        Program("cgi-bin/run", script);
        DarterServer server = await ServeAsync("--cgi");
        RawResponse response = await GetAsync(server, "/cgi-bin/run");
        Assert.Equal(status, response.Status);
        Assert.False(response.IsLast);
        if (text is not null)
        {
            Assert.Equal(text, response.Text);
        }
    }

    [Fact]
    public async Task Program_ThatTakesTooLong_IsKilledWithItsChildren()
    {
        Program("cgi-bin/slow", "sleep 1000 & echo $! > pid; sleep 1000");
        DarterServer server = await ServeAsync("--cgi", "--cgi-timeout", "0.5");
        Assert.Equal(504, (await GetAsync(server, "/cgi-bin/slow")).Status);
        string child = (await File.ReadAllTextAsync(Path.Combine(Folder, "cgi-bin/pid"), TestContext.Current.CancellationToken)).Trim();
        await Wait.Until(() => !Directory.Exists($"/proc/{child}") || File.ReadAllText($"/proc/{child}/stat").Contains(") Z", StringComparison.Ordinal), "the end of the child");
        Assert.Contains("--cgi-timeout", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_WhoseClientLeaves_IsKilled()
    {
        Program("cgi-bin/slow", "echo $$ > pid; exec sleep 1000");
        DarterServer server = await ServeAsync("--cgi");
        string pidFile = Path.Combine(Folder, "cgi-bin/pid");
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.WriteAsync("GET /cgi-bin/slow HTTP/1.1\r\nHost: a\r\n\r\n");
            await Wait.Until(() => File.Exists(pidFile) && File.ReadAllText(pidFile).EndsWith('\n'), "the program");
            connection.Abort();
        }

        string pid = (await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken)).Trim();
        await Wait.Until(() => !Directory.Exists($"/proc/{pid}"), "the end of the program");
    }

    [Theory]
    [InlineData("/cgi-bin/", 404)]
    [InlineData("/cgi-bin", 404)]
    [InlineData("/cgi-bin/missing", 404)]
    [InlineData("/cgi-bin/text.txt", 403)]
    [InlineData("/cgi-bin/../other/run", 404)]
    [InlineData("/cgi-bin/%2e%2e/other/run", 404)]
    [InlineData("/cgi-bin/link", 404)]
    [InlineData("/cgi-bin/.hidden", 404)]
    [InlineData("/cgi-bin/out/true", 404)]
    public async Task Path_ToWhatIsNoProgram_RunsAndShowsNothing(string target, int status)
    {
        Program("cgi-bin/.hidden", "echo 'Content-Type: text/plain'; echo; echo ran");
        Write("cgi-bin/text.txt", "source");
        File.CreateSymbolicLink(Path.Combine(Folder, "cgi-bin/link"), "/usr/bin/env");
        File.CreateSymbolicLink(Path.Combine(Folder, "cgi-bin/out"), "/bin");
        DarterServer server = await ServeAsync("--cgi");
        RawResponse response = await GetAsync(server, target);
        Assert.Equal(status, response.Status);
        Assert.DoesNotContain("source", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_ElsewhereOrWithoutTheOption_IsAFile()
    {
        Program("other/run", "echo ran");
        Program("cgi-bin/run", "echo ran");
        DarterServer with = await ServeAsync("--cgi");
        Assert.StartsWith("#!", (await GetAsync(with, "/other/run")).Text, StringComparison.Ordinal);
        DarterServer without = await ServeAsync();
        Assert.StartsWith("#!", (await GetAsync(without, "/cgi-bin/run")).Text, StringComparison.Ordinal);
    }

    private void Program(string name, string script)
    {
        string path = Write(name, $"#!/bin/sh\n{script}\n");
        Assert.Equal(0, Command.Run("chmod", ["+x", path]).ExitCode);
    }
}

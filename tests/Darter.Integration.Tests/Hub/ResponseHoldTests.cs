using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Hub;

/// <summary><c>Grip-Hold: response</c>: long polls, and what else the application says about its answers.</summary>
public sealed class ResponseHoldTests(ServerPool pool) : HubTest(pool)
{
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Response_IsTheFirstMessage_OrTheApplicationsOwn(HttpProtocol protocol)
    {
        DarterServer server = await StartHubAsync();
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Task<HttpResponseMessage> waiting = client.GetAsync("/poll?channel=room", Cancellation);
        await WaitForSubscribersAsync(client, "room", 1);
        Assert.Equal(1, await PublishAsync(client, "room", "one", "id-1"));
        using (HttpResponseMessage response = await waiting)
        {
            Assert.Equal("one", await response.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal("id-1", Assert.Single(response.Headers.GetValues("Message-Id")));
            Assert.Equal("1", Assert.Single(response.Headers.GetValues("X-Own")));
        }

        // What was missed comes at once, the next of it first; nothing is missed once the last is known.
        await PublishAsync(client, "room", "two", "id-2");
        await PublishAsync(client, "room", "three", "id-3");
        Assert.Equal("two", await client.GetStringAsync("/poll?channel=room%3Bprev-id=id-1", Cancellation));
        Assert.Equal("three", await client.GetStringAsync("/poll?channel=room%3Bprev-id=id-2", Cancellation));
        Assert.Equal("nothing", await client.GetStringAsync("/poll?channel=room%3Bprev-id=id-3&timeout=1", Cancellation));
        await WaitForSubscribersAsync(client, "room", 0);
    }

    [Fact]
    public async Task Stop_AnswersWithTheApplicationsOwn()
    {
        DarterServer server = await StartHubAsync("--graceful-timeout", "1000");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        Task<string> waiting = client.GetStringAsync("/poll?channel=room", Cancellation);
        await WaitForSubscribersAsync(client, "room", 1);
        server.Send(Signal.Terminate);
        Assert.Equal("nothing", await waiting);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Response_OfAClientThatLeaves_IsNotHeldAnyMore()
    {
        DarterServer server = await StartHubAsync();
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        foreach (bool onlyEndsItsSide in (bool[])[false, true])
        {
            await using RawConnection leaving = await RawConnection.OpenAsync(server.Address);
            await leaving.WriteAsync("GET /poll?channel=room HTTP/1.1\r\nHost: h\r\n\r\n");
            await WaitForSubscribersAsync(client, "room", 1);
            if (onlyEndsItsSide)
            {
                leaving.ShutdownSend();
            }
            else
            {
                leaving.Abort();
            }

            await WaitForSubscribersAsync(client, "room", 0);
        }
    }

    [Fact]
    public async Task Limits_AreAnsweredAndLogged()
    {
        DarterServer server = await StartHubAsync("--hub-max-connections", "2", "--hub-max-connections-per-address", "1", "--forwarded-allow-ips", "127.0.0.1");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using EventStream first = await ListenAsync(client, "room");
        Assert.Equal(429, (int)(await client.GetAsync("/events?channel=room", Cancellation)).StatusCode);

        // A trusted proxy tells of other clients.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "10.0.0.1");
        using EventStream second = await ListenAsync(client, "room");
        client.DefaultRequestHeaders.Remove("X-Forwarded-For");
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "10.0.0.2");
        using HttpResponseMessage refused = await client.GetAsync("/events?channel=room", Cancellation);
        Assert.Equal(503, (int)refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await server.Log.WaitForAsync("--hub-max-connections-per-address");
        await server.Log.WaitForAsync("(--hub-max-connections)");
    }

    [Fact]
    public async Task Instructions_ThatMakeNoSense_AreAnErrorThatTellsTheClientNothing()
    {
        DarterServer server = await StartHubAsync();
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using HttpResponseMessage wrong = await client.GetAsync("/wrong", Cancellation);
        Assert.Equal(500, (int)wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("X-Secret"));
        Assert.DoesNotContain("secret", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await server.Log.WaitForAsync("GET /wrong: answered 500, since its answer cannot be held: Grip-Hold is 'nonsense'");
        using StringContent instruct = new("""{"hold": {"mode": "other"}}""");
        Assert.Equal(500, (int)(await client.PostAsync("/instruct", instruct, Cancellation)).StatusCode);
        using StringContent plain = new("""{"response": {"code": 202, "body": "plain"}}""");
        using HttpResponseMessage answer = await client.PostAsync("/instruct", plain, Cancellation);
        Assert.Equal((202, "plain"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Answer_ToAnotherProxy_IsItsToHold()
    {
        DarterServer server = await StartHubAsync();
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        client.DefaultRequestHeaders.Add("Grip-Sig", "a.b.c");
        using HttpResponseMessage answer = await client.GetAsync("/poll?channel=room", Cancellation);
        Assert.Equal("response", Assert.Single(answer.Headers.GetValues("Grip-Hold")));
        Assert.Equal("nothing", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Requests_WithAKey_AreSigned_WhateverTheClientSays()
    {
        DarterServer server = await StartHubAsync("--hub-key", "secret", "--hub-issuer", "shop");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        client.DefaultRequestHeaders.Add("Grip-Sig", "a.b.c");
        string[] parts = (await client.GetStringAsync("/signature", Cancellation)).Split('.');
        Assert.Contains("\"iss\":\"shop\"", System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])), StringComparison.Ordinal);
        Assert.Equal("nothing", await client.GetStringAsync("/poll?channel=room&timeout=1", Cancellation));

        // That of another proxy with the same key is one.
        client.DefaultRequestHeaders.Remove("Grip-Sig");
        client.DefaultRequestHeaders.Add("Grip-Sig", string.Join('.', parts));
        using HttpResponseMessage answer = await client.GetAsync("/poll?channel=room", Cancellation);
        Assert.True(answer.Headers.Contains("Grip-Hold"));
    }

    [Fact]
    public async Task Hub_ThatIsOff_LeavesAnswersAlone()
    {
        DarterServer server = await StartHubAsync("--hub", "off");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using HttpResponseMessage answer = await client.GetAsync("/poll?channel=room", Cancellation);
        Assert.True(answer.Headers.Contains("Grip-Hold"));
    }
}

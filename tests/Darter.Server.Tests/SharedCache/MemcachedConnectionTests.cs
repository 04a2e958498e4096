using System.Text;
using CsCheck;
using Darter.Server.SharedValues;
using Darter.Server.Tests.Hub;
using Darter.Server.Tests.Protocols;
using Darter.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests.SharedCache;

/// <summary>Conversations in memcached's text protocol.</summary>
public sealed class MemcachedConnectionTests : IDisposable
{
    private readonly EventLoopGroup _loops = new(1, NullLogger<EventLoopGroup>.Instance);

    public static TheoryData<string, string> Conversations => new()
    {
        { "set a 5 0 3\r\nabc\r\nget a b\r\ngets a\r\n", "STORED\r\nVALUE a 5 3\r\nabc\r\nEND\r\nVALUE a 5 3 1\r\nabc\r\nEND\r\n" },
        { "add a 0 0 1\r\nx\r\nadd a 0 0 1\r\ny\r\nreplace b 0 0 1\r\nz\r\n", "STORED\r\nNOT_STORED\r\nNOT_STORED\r\n" },
        { "set a 1 0 1\r\nb\r\nappend a 9 9 1\r\nc\r\nprepend a 9 9 1\r\na\r\nget a\r\n", "STORED\r\nSTORED\r\nSTORED\r\nVALUE a 1 3\r\nabc\r\nEND\r\n" },
        { "set a 0 0 1\r\nx\r\ncas a 0 0 1 1\r\ny\r\ncas a 0 0 1 1\r\nz\r\ncas b 0 0 1 1\r\nz\r\n", "STORED\r\nSTORED\r\nEXISTS\r\nNOT_FOUND\r\n" },
        { "incr n 1\r\nset n 2 0 2\r\n41\r\nincr n 1\r\ndecr n 100\r\nincr n -5\r\nget n\r\n", "NOT_FOUND\r\nSTORED\r\n42\r\n0\r\n-5\r\nVALUE n 2 2\r\n-5\r\nEND\r\n" },
        { "set n 0 0 1\r\nx\r\nincr n 1\r\n", "STORED\r\nCLIENT_ERROR cannot increment or decrement non-numeric value\r\n" },
        { "set n 0 0 19\r\n9223372036854775807\r\nincr n +1\r\n", "STORED\r\nCLIENT_ERROR the number would have more than 64 bits\r\n" },
        { "touch a 5\r\nset a 0 0 0\r\n\r\ntouch a 5\r\ntouch a -1\r\nget a\r\n", "NOT_FOUND\r\nSTORED\r\nTOUCHED\r\nTOUCHED\r\nEND\r\n" },
        { "set a 0 0 1\r\nx\r\ngat -1 a\r\nget a\r\n", "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\nEND\r\n" },
        { "delete a\r\nset a 0 0 1\r\nx\r\ndelete a 0\r\nget a\r\n", "NOT_FOUND\r\nSTORED\r\nDELETED\r\nEND\r\n" },
        { "set a 0 0 1\r\nx\r\nflush_all\r\nget a\r\n", "STORED\r\nOK\r\nEND\r\n" },
        { "set a 0 0 1 noreply\r\nx\r\nincr a 1 noreply\r\ndelete a noreply\r\nflush_all noreply\r\ntouch a 1 noreply\r\nget a\r\n", "END\r\n" },
        { "set a 0 0 1\r\nx\r\nset a 0 0 101\r\n" + "set b 0 0 1\r\nx\r\n-------------------------------------------------------------------------------------\r\nget a b\r\n", "STORED\r\nSERVER_ERROR object too large for cache\r\nEND\r\n" },
        { "set a 0 0 3\r\nabcd\r\nget a\r\n", "CLIENT_ERROR bad data chunk\r\n" },
        { "set a 0 0 x\r\nflush_all\r\n", "CLIENT_ERROR bad command line format\r\n" },
        { "nonsense\r\nversion\r\nverbosity 1\r\nstats reset\r\nstats items\r\nquit\r\nversion\r\n", "ERROR\r\nVERSION 1.2\r\nOK\r\nRESET\r\nEND\r\n" },
        { "get a\nquit\n", "END\r\n" },
    };

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Conversation_IsThatOfMemcached(string sent, string expected) => Assert.Equal(expected, await TalkAsync(sent));

    [Fact]
    public async Task Bytes_OfAnyKind_EndWithTheConnection_AndTheNextOneIsServed() =>
        await Gen.OneOf(Gen.Byte, AnyOf.These((byte)'\n', (byte)' ', (byte)'0')).Array[0, 200].SampleAsync(async bytes =>
        {
            await TalkAsync("set a 0 0 1\r\nx\r\nget " + Encoding.Latin1.GetString(bytes));
            Assert.Equal("VERSION 1.2\r\n", await TalkAsync("version\r\n"));
        }, iter: 300);

    [Fact]
    public async Task Clear_AtATime_IsDoneThen()
    {
        await using ValueService service = Service(TimeProvider.System);
        await service.Store.StoreAsync("a"u8.ToArray(), new StoreOrder(StoreMode.Set, 0, [], Lifetime.Endless));
        await service.ClearAsync(1);
        await Testing.Wait.Until(() => service.Store.Report().Values == 0, "the values to go");
    }

    [Fact]
    public async Task Totals_AreCounted()
    {
        await using ValueService service = Service(new HubClock());
        await TalkAsync(service, "set a 0 0 1\r\nx\r\nset b 0 0 101\r\n" + new string('x', 101) + "\r\nget a b c\r\n");
        Assert.Equal((3, 1, 2, 1, 1, 0), (service.Totals.Gets, service.Totals.Hits, service.Totals.Sets, service.Totals.TooLarge, service.Totals.Connections, service.Totals.Open));
        Assert.Contains(("get_misses", "2"), service.Stats());
    }

    public void Dispose() => _loops.Dispose();

    private static ValueService Service(TimeProvider time) => new(new MemoryValues(100_000, 100, time), 100, "1.2", time, NullLogger.Instance);

    private async Task<string> TalkAsync(string sent)
    {
        await using ValueService service = Service(new HubClock());
        return await TalkAsync(service, sent);
    }

    private async Task<string> TalkAsync(ValueService service, string sent)
    {
        await using GatewayHarness.MemoryConnection connection = new(context => new MemcachedConnection(context, service).RunAsync(), _loops.Loops[0]);
        await connection.WriteAsync(Encoding.Latin1.GetBytes(sent));
        connection.End();
        return Encoding.Latin1.GetString(await connection.ReadToEndAsync());
    }
}

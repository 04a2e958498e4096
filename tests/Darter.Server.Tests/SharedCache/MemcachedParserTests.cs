using System.Buffers;
using System.Text;
using CsCheck;
using Darter.Server.SharedValues;

namespace Darter.Server.Tests.SharedCache;

/// <summary>Lines of memcached's text protocol.</summary>
public class MemcachedParserTests
{
    private static readonly Gen<string> s_line = Gen.OneOf(
        AnyOf.These(
            "get a", "gets a b", "gat 5 a", "incr n 1", "decr n -2", "touch a 3", "delete a", "delete a 0 noreply", "flush_all", "stats", "version",
            "verbosity 1", "nonsense", "get", "incr n x"),
        Gen.Select(AnyOf.These("set", "add", "replace", "append", "prepend"), Gen.Int[0, 40], AnyOf.These("", " noreply"))
            .Select((verb, length, end) => $"{verb} key 7 0 {length}{end}\r\n{new string('x', length)}"),
        Gen.Int[0, 40].Select(length => $"cas key 0 10 {length} 99\r\n{new string('\n', length)}"),
        Gen.Int[60, 90].Select(length => $"set large 0 0 {length}\r\n{new string('y', length)}"));

    [Theory]
    [InlineData("set k 4294967295 0 0", null)]
    [InlineData("set k 4294967296 0 0", "CLIENT_ERROR bad command line format")]
    [InlineData("set k -1 0 0", "CLIENT_ERROR bad command line format")]
    [InlineData("set k 0 0 -1", "CLIENT_ERROR bad command line format")]
    [InlineData("set k 0 0 2147483648", "CLIENT_ERROR bad command line format")]
    [InlineData("set k 0 0 1 maybe", "CLIENT_ERROR bad command line format")]
    [InlineData("set k 0 0 1 noreply x", "CLIENT_ERROR bad command line format")]
    [InlineData("cas k 0 0 1", "CLIENT_ERROR bad command line format")]
    [InlineData("cas k 0 0 1 18446744073709551615", null)]
    [InlineData("get k\u007f", "CLIENT_ERROR bad command line format")]
    [InlineData("get k\tl", "CLIENT_ERROR bad command line format")]
    [InlineData("get  k  l ", null)]
    [InlineData("gat never k", "CLIENT_ERROR invalid exptime argument")]
    [InlineData("incr n", "CLIENT_ERROR invalid numeric delta argument")]
    [InlineData("incr n ++1", "CLIENT_ERROR invalid numeric delta argument")]
    [InlineData("incr n 18446744073709551615", null)]
    [InlineData("touch k", "CLIENT_ERROR invalid exptime argument")]
    [InlineData("delete k 5", "CLIENT_ERROR bad command line format")]
    [InlineData("flush_all soon", "CLIENT_ERROR invalid exptime argument")]
    [InlineData("flush_all 10 noreply", null)]
    [InlineData("GET k", "ERROR")]
    [InlineData("", "ERROR")]
    [InlineData("mg k v", "ERROR")]
    public void Parse_OfALine_IsTheCommandOrWhatMemcachedSays(string line, string? error) =>
        Assert.Equal(error, MemcachedParser.Parse(Encoding.Latin1.GetBytes(line)).Error);

    [Fact]
    public void Parse_OfAKey_TakesTwoHundredAndFiftyBytes()
    {
        Assert.Null(MemcachedParser.Parse(Encoding.Latin1.GetBytes($"get {new string('ü', 250)}")).Error);
        Assert.NotNull(MemcachedParser.Parse(Encoding.Latin1.GetBytes($"get {new string('k', 251)}")).Error);
    }

    [Fact]
    public void Parse_OfAStoreCommandThatIsWrong_EndsTheConnection_LestItsDataBeCommands() =>
        Assert.All(
            (string[])["set k 0 0", "set k 0 0 x", "add  ", "cas k 0 0 1 x"],
            line => Assert.True(MemcachedParser.Parse(Encoding.Latin1.GetBytes(line)).EndsConnection));

    [Fact]
    public void Parse_OfAnything_ThrowsNothing() =>
        Gen.Select(AnyOf.These("set ", "get ", "incr ", "cas ", "flush_all ", ""), Gen.OneOf(Gen.Byte, Gen.Byte[(byte)' ', (byte)'9']).Array[0, 60]).Sample((verb, bytes) =>
        {
            MemcachedCommand command = MemcachedParser.Parse([.. Encoding.Latin1.GetBytes(verb), .. bytes]);
            Assert.Equal(command.Verb == MemcachedVerb.None, command.Error is not null);
            Assert.All(command.Keys, key => Assert.InRange(key.Length, 1, MemcachedParser.MaxKey));
        });

    [Fact]
    public void TryRead_OfPiecesOfAnyLength_GivesTheSameCommands() =>
        Gen.Select(s_line.List[0, 12], Gen.Int[1, 30]).Sample((lines, size) =>
        {
            byte[] bytes = Encoding.Latin1.GetBytes(string.Concat(lines.Select(line => line + "\r\n")));
            Assert.Equal(Read(bytes, bytes.Length), Read(bytes, size));
            Assert.Equal(lines.Count, Read(bytes, size).Count);
        });

    [Fact]
    public void TryRead_OfALineWithoutEnd_GivesUp()
    {
        MemcachedReader reader = new(100);
        ReadOnlySequence<byte> buffer = new(new byte[MemcachedReader.MaxLine]);
        Assert.False(reader.TryRead(ref buffer, out _, out _));
        buffer = new(new byte[MemcachedReader.MaxLine + 1]);
        Assert.True(reader.TryRead(ref buffer, out MemcachedCommand? command, out _));
        Assert.True(command!.EndsConnection);
    }

    /// <summary>What a reader makes of bytes that come in pieces.</summary>
    private static List<string> Read(byte[] bytes, int size)
    {
        MemcachedReader reader = new(maxValue: 50);
        List<string> commands = [];
        byte[] waiting = [];
        foreach (byte[] piece in bytes.Chunk(Math.Max(size, 1)))
        {
            ReadOnlySequence<byte> buffer = new([.. waiting, .. piece]);
            while (reader.TryRead(ref buffer, out MemcachedCommand? command, out byte[]? data))
            {
                string keys = string.Join(',', command!.Keys.Select(Encoding.Latin1.GetString));
                commands.Add($"{command.Verb} {command.Mode} {keys} {command.Flags} {command.Exptime} {command.Seen} {command.IsQuiet} {command.Error} {(data is null ? "-" : Convert.ToHexString(data))}");
            }

            waiting = buffer.ToArray();
        }

        Assert.Empty(waiting);
        return commands;
    }
}

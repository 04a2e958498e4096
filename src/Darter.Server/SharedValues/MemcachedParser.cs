using System.Buffers.Text;
using System.Text;

namespace Darter.Server.SharedValues;

/// <summary>Understands the lines of memcached's text protocol (its doc/protocol.txt).</summary>
internal static class MemcachedParser
{
    /// <summary>Longest key, in bytes.</summary>
    internal const int MaxKey = 250;

    private const string BadFormat = "CLIENT_ERROR bad command line format";

    /// <summary>Understands a line, without its end.</summary>
    internal static MemcachedCommand Parse(ReadOnlySpan<byte> line)
    {
        MemcachedWords words = new(line);
        ReadOnlySpan<byte> verb = words.Next();
        return verb switch
        {
            _ when verb.SequenceEqual("get"u8) => ParseGet(words, withUnique: false, touches: false),
            _ when verb.SequenceEqual("gets"u8) => ParseGet(words, withUnique: true, touches: false),
            _ when verb.SequenceEqual("gat"u8) => ParseGet(words, withUnique: false, touches: true),
            _ when verb.SequenceEqual("gats"u8) => ParseGet(words, withUnique: true, touches: true),
            _ when verb.SequenceEqual("set"u8) => ParseStore(words, StoreMode.Set),
            _ when verb.SequenceEqual("add"u8) => ParseStore(words, StoreMode.Add),
            _ when verb.SequenceEqual("replace"u8) => ParseStore(words, StoreMode.Replace),
            _ when verb.SequenceEqual("append"u8) => ParseStore(words, StoreMode.Append),
            _ when verb.SequenceEqual("prepend"u8) => ParseStore(words, StoreMode.Prepend),
            _ when verb.SequenceEqual("cas"u8) => ParseStore(words, StoreMode.CompareAndSwap),
            _ when verb.SequenceEqual("incr"u8) => ParseCount(words, isDown: false),
            _ when verb.SequenceEqual("decr"u8) => ParseCount(words, isDown: true),
            _ when verb.SequenceEqual("touch"u8) => ParseTouch(words),
            _ when verb.SequenceEqual("delete"u8) => ParseDelete(words),
            _ when verb.SequenceEqual("flush_all"u8) => ParseClear(words),
            _ when verb.SequenceEqual("verbosity"u8) => new MemcachedCommand { Verb = MemcachedVerb.Verbosity, IsQuiet = line.EndsWith(" noreply"u8) },
            _ when verb.SequenceEqual("stats"u8) => new MemcachedCommand { Verb = MemcachedVerb.Stats, Argument = Encoding.Latin1.GetString(words.Next()) },
            _ when verb.SequenceEqual("version"u8) => new MemcachedCommand { Verb = MemcachedVerb.Version },
            _ when verb.SequenceEqual("quit"u8) => new MemcachedCommand { Verb = MemcachedVerb.Quit },
            _ => Fail("ERROR"),
        };
    }

    private static MemcachedCommand ParseGet(MemcachedWords words, bool withUnique, bool touches)
    {
        long exptime = 0;
        if (touches && !TryExptime(words.Next(), out exptime))
        {
            return Fail("CLIENT_ERROR invalid exptime argument");
        }

        List<byte[]> keys = [];
        for (ReadOnlySpan<byte> word = words.Next(); !word.IsEmpty; word = words.Next())
        {
            if (!IsKey(word))
            {
                return Fail(BadFormat);
            }

            keys.Add(word.ToArray());
        }

        return keys.Count == 0
            ? Fail("ERROR")
            : new MemcachedCommand { Verb = MemcachedVerb.Get, Keys = keys, WithUnique = withUnique, Exptime = touches ? exptime : null };
    }

    private static MemcachedCommand ParseStore(MemcachedWords words, StoreMode mode)
    {
        ReadOnlySpan<byte> key = words.Next();
        ulong seen = 0;
        if (!IsKey(key)
            || !TryNumber(words.Next(), out uint flags)
            || !TryExptime(words.Next(), out long exptime)
            || !TryNumber(words.Next(), out uint length) || length > int.MaxValue
            || (mode == StoreMode.CompareAndSwap && !TryNumber(words.Next(), out seen))
            || !TryQuiet(ref words, out bool isQuiet))
        {
            return Fail(BadFormat) with { EndsConnection = true };
        }

        return new MemcachedCommand
        {
            Verb = MemcachedVerb.Store,
            Keys = [key.ToArray()],
            Mode = mode,
            Flags = flags,
            Exptime = exptime,
            Length = (int)length,
            Seen = seen,
            IsQuiet = isQuiet,
        };
    }

    private static MemcachedCommand ParseCount(MemcachedWords words, bool isDown)
    {
        ReadOnlySpan<byte> key = words.Next();
        ReadOnlySpan<byte> amount = words.Next();
        bool isSigned = !amount.IsEmpty && amount[0] is (byte)'+' or (byte)'-';
        if (!IsKey(key) || !TryQuiet(ref words, out bool isQuiet))
        {
            return Fail(BadFormat);
        }

        return TryNumber(isSigned ? amount[1..] : amount, out ulong value)
            ? new MemcachedCommand
            {
                Verb = MemcachedVerb.Count,
                Keys = [key.ToArray()],
                Step = new CountStep(value, isDown ^ (isSigned && amount[0] == (byte)'-'), isSigned),
                IsQuiet = isQuiet,
            }
            : Fail("CLIENT_ERROR invalid numeric delta argument") with { IsQuiet = isQuiet };
    }

    private static MemcachedCommand ParseTouch(MemcachedWords words)
    {
        ReadOnlySpan<byte> key = words.Next();
        if (!IsKey(key))
        {
            return Fail(BadFormat);
        }

        if (!TryExptime(words.Next(), out long exptime) || !TryQuiet(ref words, out bool isQuiet))
        {
            return Fail("CLIENT_ERROR invalid exptime argument");
        }

        return new MemcachedCommand { Verb = MemcachedVerb.Touch, Keys = [key.ToArray()], Exptime = exptime, IsQuiet = isQuiet };
    }

    private static MemcachedCommand ParseDelete(MemcachedWords words)
    {
        ReadOnlySpan<byte> key = words.Next();
        ReadOnlySpan<byte> next = words.Next();
        if (next.SequenceEqual("0"u8))
        {
            // A time in which no other may be added, which memcached had once.
            next = words.Next();
        }

        bool isQuiet = next.SequenceEqual("noreply"u8);
        return !IsKey(key) || (!next.IsEmpty && !isQuiet) || !words.Next().IsEmpty
            ? Fail(BadFormat)
            : new MemcachedCommand { Verb = MemcachedVerb.Delete, Keys = [key.ToArray()], IsQuiet = isQuiet };
    }

    private static MemcachedCommand ParseClear(MemcachedWords words)
    {
        ReadOnlySpan<byte> next = words.Next();
        long delay = 0;
        if (!next.IsEmpty && !next.SequenceEqual("noreply"u8))
        {
            if (!TryExptime(next, out delay))
            {
                return Fail("CLIENT_ERROR invalid exptime argument");
            }

            next = words.Next();
        }

        bool isQuiet = next.SequenceEqual("noreply"u8);
        return !next.IsEmpty && !isQuiet ? Fail(BadFormat) : new MemcachedCommand { Verb = MemcachedVerb.Clear, Exptime = delay, IsQuiet = isQuiet };
    }

    private static bool IsKey(ReadOnlySpan<byte> word) => word.Length is > 0 and <= MaxKey && !word.ContainsAnyInRange((byte)0, (byte)' ') && !word.Contains((byte)0x7F);

    private static bool TryQuiet(ref MemcachedWords words, out bool isQuiet)
    {
        ReadOnlySpan<byte> word = words.Next();
        isQuiet = word.SequenceEqual("noreply"u8);
        return word.IsEmpty || (isQuiet && words.Next().IsEmpty);
    }

    private static bool TryExptime(ReadOnlySpan<byte> word, out long value) => Utf8Parser.TryParse(word, out value, out int used) && used == word.Length;

    private static bool TryNumber(ReadOnlySpan<byte> word, out uint value) => Utf8Parser.TryParse(word, out value, out int used) && used == word.Length;

    private static bool TryNumber(ReadOnlySpan<byte> word, out ulong value) => Utf8Parser.TryParse(word, out value, out int used) && used == word.Length;

    private static MemcachedCommand Fail(string error) => new() { Verb = MemcachedVerb.None, Error = error };
}

using System.Buffers.Text;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>The extension <c>tls</c> of a scope (ASGI TLS extension 0.2), from the variables that tell of the encryption.</summary>
internal static unsafe class TlsExtension
{
    /// <summary>The extensions, with this one if the request came encrypted. NULL: a Python error is set.</summary>
    public static NewReference AddTo(BorrowedReference extensions, in RequestHead head)
    {
        if (!head.IsHttps || Find(head.Variables, "SSL_PROTOCOL"u8).IsEmpty)
        {
            return extensions.ToNew();
        }

        using NewReference copy = PyApi.PyDict_Copy(extensions);
        using NewReference tls = copy.IsNull ? default : Build(head.Variables);
        return !tls.IsNull && Set(copy, "tls\0"u8, tls) ? copy.Borrow().ToNew() : default;
    }

    private static NewReference Build(HeaderBlock variables)
    {
        ReadOnlySpan<byte> certificate = Find(variables, "SSL_CLIENT_CERT"u8);
        BorrowedReference none = new(PyApi.None);
        using NewReference version = PyApi.PyLong_FromLongLong(Find(variables, "SSL_PROTOCOL"u8).SequenceEqual("TLSv1.3"u8) ? 0x0304 : 0x0303);
        using NewReference suite = Utf8Parser.TryParse(Find(variables, "SSL_CIPHER_CODE"u8), out int code, out _, 'X') ? PyApi.PyLong_FromLongLong(code) : none.ToNew();
        using NewReference name = certificate.IsEmpty ? none.ToNew() : PythonText.FromUtf8(Find(variables, "SSL_CLIENT_S_DN"u8));
        using NewReference chain = PyApi.PyList_New(0);
        using NewReference pem = PythonText.FromUtf8(certificate);
        using NewReference tls = PyApi.PyDict_New();
        bool isBuilt = !tls.IsNull && !chain.IsNull
            && (certificate.IsEmpty || (!pem.IsNull && PyApi.PyList_Append(chain, pem) == 0))
            && Set(tls, "server_cert\0"u8, none)
            && Set(tls, "client_cert_chain\0"u8, chain)
            && Set(tls, "client_cert_name\0"u8, name)
            && Set(tls, "client_cert_error\0"u8, none)
            && Set(tls, "tls_version\0"u8, version)
            && Set(tls, "cipher_suite\0"u8, suite);
        return isBuilt ? tls.Borrow().ToNew() : default;
    }

    private static ReadOnlySpan<byte> Find(HeaderBlock variables, ReadOnlySpan<byte> name)
    {
        _ = variables.TryFind(name, out ReadOnlySpan<byte> value);
        return value;
    }

    private static bool Set(BorrowedReference dict, ReadOnlySpan<byte> zeroTerminatedKey, BorrowedReference value)
    {
        using NewReference key = PythonText.Interned(zeroTerminatedKey);
        return !key.IsNull && !value.IsNull && PyApi.PyDict_SetItem(dict, key, value) == 0;
    }
}

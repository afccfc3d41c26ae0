using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HallOps.Web.Audit;

/// <summary>What somebody did that is no event of a hall's journal.</summary>
/// <param name="Who">An account's user, <c>device:{id}</c>, <c>anonymous</c>, <c>local</c> (a command on the server's machine) or <c>system</c>. Never a personal datum.</param>
/// <param name="What">A word of <see cref="AuditWords"/>.</param>
/// <param name="Of">The account, device, link, hall or person it was done to.</param>
/// <param name="Hall">The one hall it concerns; null: several or none, so only auditors of every hall see it.</param>
/// <param name="Outcome"><c>done</c>; of a sign-in also why not.</param>
/// <param name="Detail">What it is now, for people to read.</param>
public sealed record AuditEntry(string Who, string What, string? Of, string? Hall = null, string Outcome = AuditWords.Done, string? Detail = null);

/// <summary>The words of <see cref="AuditEntry.What"/> and <see cref="AuditEntry.Outcome"/>.</summary>
public static class AuditWords
{
    public const string SignIn = "signIn";
    public const string AccountAdded = "accountAdded";
    public const string AccountChanged = "accountChanged";
    public const string AccountRemoved = "accountRemoved";
    public const string SecondFactorOn = "secondFactorOn";
    public const string SecondFactorOff = "secondFactorOff";
    public const string LinkMade = "linkMade";
    public const string DeviceEnrolled = "deviceEnrolled";
    public const string DeviceRefreshed = "deviceRefreshed";
    public const string DeviceRemoved = "deviceRemoved";
    public const string HallImported = "hallImported";
    public const string VisitsImported = "visitsImported";
    public const string PersonErased = "personErased";
    public const string PersonExported = "personExported";
    public const string PeopleForgotten = "peopleForgotten";
    public const string Restored = "restored";
    public const string ClockAccepted = "clockAccepted";
    public const string HolidaysReplaced = "holidaysReplaced";

    public const string Done = "done";
    public const string Wrong = "wrong";
    public const string LockedOut = "lockedOut";
    public const string Locked = "locked";
    public const string Disabled = "disabled";
    public const string Unknown = "unknown";
}

/// <summary>A row of the audit as SQL keeps it: numbered from 1 without holes, each chained to the one before, never changed and never removed.</summary>
public sealed class AuditRow
{
    public long Number { get; set; }
    public DateTimeOffset At { get; set; }
    public required string Who { get; set; }
    public required string What { get; set; }
    public string? Of { get; set; }
    public string? Hall { get; set; }
    public required string Outcome { get; set; }
    public string? Detail { get; set; }

    /// <summary><see cref="ChainAfter"/> of this row.</summary>
    public required byte[] Chain { get; set; }

    /// <summary>Before the first row.</summary>
    public static readonly byte[] Origin = new byte[SHA256.HashSizeInBytes];

    /// <summary>
    /// SHA-256 over the chain before, the number and the time in milliseconds (8 bytes each, little endian), then who, what, of, hall, outcome and detail, each as its length in UTF-8
    /// (4 bytes, -1 for null) and its bytes.
    /// </summary>
    public byte[] ChainAfter(ReadOnlySpan<byte> before)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        Span<byte> number = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(number, Number);
        BinaryPrimitives.WriteInt64LittleEndian(number[8..], At.ToUnixTimeMilliseconds());
        hash.AppendData(number);
        foreach (var text in (ReadOnlySpan<string?>)[Who, What, Of, Hall, Outcome, Detail])
        {
            var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(number, text is null ? -1 : bytes.Length);
            hash.AppendData(number[..4]);
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}

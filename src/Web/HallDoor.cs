using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using HallOps.Web.Tickets;

namespace HallOps.Web;

/// <summary>
/// The one door for every write from anywhere: rights, idempotency and personal data are handled here and nowhere else. Safe from any thread.
/// </summary>
public sealed class HallDoor(IHalls halls, IPeople people, ITexts texts)
{
    /// <summary>2,000 characters: a page of writing, longer than any reason or comment that was meant.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>Lets a request in: the caller may do the act, its body reads as a <typeparamref name="T"/>, its key is in order.</summary>
    public static async ValueTask<Entry<T>> EnterAsync<T>(HttpContext http, Act act, HallId hall, JsonTypeInfo<T> type) where T : class
    {
        var caller = Caller.Of(http.User);
        if (Rights.Against(caller, hall, act) is { } no) return new(no);
        var (read, wrong) = await RequestBody.ReadAsync(http);
        if (wrong is not null) return new(wrong);
        using var bytes = read!;
        if (!DoorKey.TryOf(http, caller, hall, bytes, out var key, out var badKey)) return new(badKey);
        return bytes.TryRead(type, out var body, out var bad) ? new Entry<T>(caller, hall, body, key) : new(bad);
    }

    /// <summary>Sends a command as the caller and waits until its outcome is durable; everything but success is a problem.</summary>
    public ValueTask<DoorAnswer> SendAsync(Caller caller, HallId hall, HallCommand command, DoorKey key) => SendAsync(caller, hall, command, key, Rights.ActOf(command));

    /// <param name="act">What the command is done as, where one command stands for two acts: a return by the holder and one by the guide.</param>
    public async ValueTask<DoorAnswer> SendAsync(Caller caller, HallId hall, HallCommand command, DoorKey key, Act act)
    {
        if (Rights.Against(caller, hall, act) is { } no) return new(no);
        // Not cancelled with the request: once sent it may be durable, and whoever retries with the key has to find it decided.
        var answer = await halls.SendAsync(hall, new HallRequest(command, caller.Id, key.CommandId, key.BodyHash), CancellationToken.None);
        Operations.Telemetry.Answered(answer.Status);
        return answer.Status == AnswerStatus.Done ? new DoorAnswer(answer) : new(Refusals.ProblemOf(answer, command, texts));
    }

    /// <summary>Exchanges what identifies a person for the id that halls know. The values are already in order.</summary>
    public async ValueTask<PersonId?> PersonAsync(string? idNumber, string? phone, CancellationToken cancel) =>
        idNumber is not null ? await people.ExchangeAsync("id", idNumber, cancel)
        : phone is not null ? await people.ExchangeAsync("phone", phone, cancel)
        : null;

    /// <summary>The person that the holder of a number is who gave no name: the same for the same number, and nobody else.</summary>
    public ValueTask<PersonId> HolderAsync(TicketId ticket, CancellationToken cancel) => people.ExchangeAsync("ticket", $"{ticket.Hall}/{ticket.Ordinal}", cancel);

    /// <summary>Whether a person is a telephone number that ends with these digits. An ID number is longer than any, and the holder of a number is none.</summary>
    public async ValueTask<bool> HasPhoneAsync(PersonId person, string digits, CancellationToken cancel) =>
        await people.RevealAsync(person, cancel) is { Length: <= PersonalNumbers.LongestPhone } value && value.All(char.IsAsciiDigit) && value.EndsWith(digits, StringComparison.Ordinal);

    /// <summary>The last four digits of the telephone number that a person is: what the desk finds an appointment by. Null for an ID number, and for somebody erased.</summary>
    public async ValueTask<string?> PhoneEndAsync(PersonId person, CancellationToken cancel) =>
        await people.RevealAsync(person, cancel) is { Length: >= 4 and <= PersonalNumbers.LongestPhone } value && value.All(char.IsAsciiDigit) ? value[^4..] : null;

    /// <summary>Keeps the words of a free text and gives its hash; null for null. At most <see cref="MaxTextLength"/> characters.</summary>
    public async ValueTask<TextHash?> KeepAsync(string? text, CancellationToken cancel) => text is null ? null : await texts.KeepAsync(text, cancel);
}

/// <summary>A request that was let in, or why not.</summary>
public readonly struct Entry<T> where T : class
{
    public Entry(Problem problem) => (Problem, Caller) = (problem, Caller.Anonymous);

    public Entry(Caller caller, HallId hall, T body, DoorKey key) => (Caller, Hall, Body, Key) = (caller, hall, body, key);

    public Problem? Problem { get; }
    public Caller Caller { get; }
    public HallId Hall { get; }
    /// <summary>Null exactly when there is a <see cref="Problem"/>.</summary>
    public T? Body { get; }
    public DoorKey Key { get; }

    [MemberNotNullWhen(true, nameof(Body))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsIn => Problem is null;
}

/// <summary>A durable answer, or the problem that says why there is none.</summary>
public readonly struct DoorAnswer
{
    public DoorAnswer(HallAnswer answer) => Answer = answer;

    public DoorAnswer(Problem problem) => Problem = problem;

    public HallAnswer? Answer { get; }
    public Problem? Problem { get; }

    [MemberNotNullWhen(true, nameof(Answer))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsDone => Problem is null;
}

/// <summary>
/// What tells a repeated request: the first 16 bytes of the SHA-256 over caller, hall, method, path and Idempotency-Key, and of that over the body.
/// Both 0 without a key.
/// </summary>
public readonly record struct DoorKey(UInt128 CommandId, UInt128 BodyHash)
{
    private const int MaxLength = 255;

    // A key of an anonymous caller is shared by all of them, so it must not be guessable.
    private const int MinAnonymousLength = 16;

    public static readonly DoorKey None;

    /// <summary>Reads the header; false for more than one, a key too long, or too short for an anonymous caller.</summary>
    public static bool TryOf(HttpContext http, Caller caller, HallId hall, RequestBody body, out DoorKey key, [NotNullWhen(false)] out Problem? problem)
    {
        (key, problem) = (None, null);
        var header = http.Request.Headers["Idempotency-Key"];
        if (header.Count == 0) return true;
        var text = header.Count == 1 ? header[0] ?? "" : "";
        if (text.Length is 0 or > MaxLength || (caller.IsAnonymous && text.Length < MinAnonymousLength))
        {
            problem = Problem.Of("BadKey", ("field", "Idempotency-Key"));
            return false;
        }
        key = Of(caller, hall, http.Request.Method, http.Request.PathBase + http.Request.Path, text, body.Hash());
        return true;
    }

    public static DoorKey Of(Caller caller, HallId hall, string method, string path, string key, UInt128 bodyHash)
    {
        // An account may be called what a device or the anonymous caller is; the kind keeps their keys apart.
        var kind = caller.IsAnonymous ? "n" : caller.Device is null ? "a" : "d";
        var length = Length(kind) + Length(caller.Id) + Length(hall.Value) + Length(method) + Length(path) + Length(key);
        var bytes = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var rest = bytes;
        foreach (var part in (ReadOnlySpan<string>)[kind, caller.Id, hall.Value, method, path, key])
        {
            var written = Encoding.UTF8.GetBytes(part, rest[sizeof(int)..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, written);
            rest = rest[(sizeof(int) + written)..];
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new DoorKey(BinaryPrimitives.ReadUInt128LittleEndian(hash), bodyHash);

        static int Length(string part) => sizeof(int) + Encoding.UTF8.GetByteCount(part);
    }
}

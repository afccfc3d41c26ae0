using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo.Orleans;
using HallOps.Silo.Tests.Engine;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>What goes between nodes arrives as it was: every kind of command, answer, question and feed message, every member of it with a value of its own.</summary>
public sealed class WireJsonTests
{
    private static readonly PackedDocument Document = SampleHalls.AlwaysOpen("rudong-town");

    public static TheoryData<string> Kinds => [.. All().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RoundTrip_OfEveryKind_KeepsEveryMember(string kind)
    {
        var type = All().Single(t => t.FullName == kind);
        var seed = 0;
        var sent = Filled(type, ref seed);
        // Whatever is null everywhere else is seen to be null, too.
        foreach (var value in new[] { sent, Filled(type, ref seed, empty: true) })
        {
            var json = JsonSerializer.SerializeToUtf8Bytes<object>(value, WireJson.Options);
            var come = JsonSerializer.Deserialize<object>(json, WireJson.Options);
            Assert.True(Same(value, come, kind, out var where), $"{where} differs: {System.Text.Encoding.UTF8.GetString(json)}");
        }
    }

    [Fact]
    public void RoundTrip_OfRefusalsFacts_KeepsTheirTypes()
    {
        (string, object?)[] facts = [("line", "a"), ("max", 3), ("until", new Instant(5)), ("state", TicketState.Waiting), ("numbers", new List<string> { "A001" }), ("reason", new TextHash(UInt128.MaxValue)), ("none", null),
            ("alternatives", (IReadOnlyList<Alternative>)[new Alternative("window", new Instant(7))])];
        var sent = new HallAnswer(AnswerStatus.Refused, null, new Refusal(RefusalCode.QuotaReached, facts), 9, false, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        var come = JsonSerializer.Deserialize<object>(JsonSerializer.SerializeToUtf8Bytes<object>(sent, WireJson.Options), WireJson.Options);
        Assert.True(Same(sent, come, "", out var where), where);
    }

    [Fact]
    public void Read_OfATypeThatIsNotOurs_IsRefused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<object>("""["System.Diagnostics.ProcessStartInfo",{}]""", WireJson.Options));

    /// <summary>The closed sets, with what questions are answered.</summary>
    private static List<Type> All()
    {
        var types = new HashSet<Type> { typeof(HallRequest), typeof(HallAnswer), typeof(Topic), typeof(HallResult), typeof(FeedOpening), typeof(FeedBatch), typeof(DirectoryPage), typeof(DevicePresence) };
        foreach (var type in typeof(HallCommand).Assembly.GetTypes().Concat(typeof(IHalls).Assembly.GetTypes()))
        {
            if (type.IsAbstract || type.IsNested) continue;
            if (type.IsSubclassOf(typeof(HallCommand)) || type.IsSubclassOf(typeof(HallReply)) || type.IsSubclassOf(typeof(FeedMessage))) types.Add(type);
            if (!type.IsSubclassOf(typeof(HallQuery))) continue;
            types.Add(type);
            var answer = type.BaseType!.GetGenericArguments()[0];
            answer = Nullable.GetUnderlyingType(answer) ?? answer;
            if (answer.IsGenericType) answer = answer.GetGenericArguments()[0];
            if (answer.Namespace!.StartsWith("HallOps", StringComparison.Ordinal)) types.Add(answer);
        }
        Assert.True(types.Count > 60, $"{types.Count} kinds");
        return [.. types.OrderBy(t => t.FullName, StringComparer.Ordinal)];
    }

    /// <summary>A value whose members all differ; <paramref name="empty"/>: whose members are null or empty where they may be.</summary>
    private static object Filled(Type type, ref int seed, bool empty = false)
    {
        seed++;
        if (type == typeof(string)) return "词" + seed.ToString(CultureInfo.InvariantCulture);
        if (type == typeof(bool)) return !empty;
        if (type == typeof(object)) return new Alternative("x", new Instant(seed));
        if (type == typeof(UInt128)) return UInt128.MaxValue - (UInt128)seed;
        if (type == typeof(DateOnly)) return new DateOnly(2026, 1, 1).AddDays(seed);
        if (type == typeof(TimeOnly)) return new TimeOnly(8, seed % 60);
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(seed);
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 11, 22, 9, 0, seed % 60, TimeSpan.FromHours(8));
        if (type == typeof(PackedDocument)) return Document;
        if (type == typeof(HolidayTable)) return new HolidayTable([new HolidayDate(new DateOnly(2026, 10, 1), true, "国庆节")]);
        if (type == typeof(TimeZoneInfo)) return TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        if (type == typeof(FeedValue)) return new FeedValue(new EstimateView(1, seed, 3));
        if (type.IsEnum) return Enum.GetValues(type).GetValue(seed % Enum.GetValues(type).Length)!;
        if (type.IsPrimitive) return Convert.ChangeType(seed, type, CultureInfo.InvariantCulture);
        if (type == typeof(FeedMessage)) return new FeedHeartbeat(new Topic(TopicKind.Hall, new HallId("h")), seed);
        if (type == typeof(HallCommand)) return new CancelTicket(new TicketId(1, seed));
        if (type == typeof(HallReply)) return new HolderReply(new TicketId(1, seed), "A001", TicketState.Waiting);
        if (Nullable.GetUnderlyingType(type) is { } inner) return Filled(inner, ref seed, empty);
        if (type.IsArray || (type.IsInterface && type.IsGenericType && type.GetGenericArguments().Length == 1))
        {
            var item = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var items = Array.CreateInstance(item, empty ? 0 : 2);
            for (var i = 0; i < items.Length; i++) items.SetValue(Filled(item, ref seed), i);
            return items;
        }
        if (type.IsInterface && type.GetGenericArguments() is [var key, var named] && named != typeof(FeedValue))
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, named))!;
            map.Add(Filled(key, ref seed), Filled(named, ref seed));
            return map;
        }
        if (type.IsInterface) return new Dictionary<string, FeedValue> { ["lines/a"] = new(new[] { new EstimateView(1, 2, seed) }), ["lines/b"] = new(null), ["open"] = new(true) };
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(c => !(c.GetParameters() is [var only] && only.ParameterType == type)).MaxBy(c => c.GetParameters().Length)!;
        var nullability = new NullabilityInfoContext();
        var arguments = new List<object?>();
        foreach (var parameter in constructor.GetParameters())
            arguments.Add(empty && (Nullable.GetUnderlyingType(parameter.ParameterType) is not null || (!parameter.ParameterType.IsValueType && nullability.Create(parameter).ReadState == NullabilityState.Nullable)) ? null
                : Filled(parameter.ParameterType, ref seed, empty));
        return constructor.Invoke([.. arguments]);
    }

    private static bool Same(object? a, object? b, string at, out string where)
    {
        where = at;
        if (a is null || b is null) return a is null && b is null;
        if (a is FeedValue x && b is FeedValue y) return Same(x.Value, y.Value, at + ".Value", out where);
        if (a is PackedDocument p && b is PackedDocument q) return p.Equals(q) && p.Packed.AsSpan().SequenceEqual(q.Packed);
        if (a is string or HolidayTable or TimeZoneInfo or DateTimeOffset || a.GetType().IsPrimitive || a.GetType().IsEnum) return a.GetType() == b.GetType() && a.Equals(b);
        if (a is IEnumerable left && b is IEnumerable right)
        {
            var (mine, theirs) = (left.Cast<object?>().ToList(), right.Cast<object?>().ToList());
            if (mine.Count != theirs.Count) return false;
            for (var i = 0; i < mine.Count; i++)
                if (!Same(mine[i], theirs[i], $"{at}[{i}]", out where)) return false;
            return true;
        }
        if (a.GetType() != b.GetType()) return false;
        for (var type = a.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                if (field.FieldType == type && type.IsValueType ? !a.Equals(b) : !Same(field.GetValue(a), field.GetValue(b), $"{at}.{field.Name}", out where)) return false;
        return true;
    }
}

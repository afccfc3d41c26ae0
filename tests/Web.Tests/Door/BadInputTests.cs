using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HallOps.Silo;

namespace HallOps.Web.Tests.Door;

/// <summary>Whatever is wrong is one clear, coded problem and changes nothing.</summary>
public sealed class BadInputTests(BadInputTests.OneHost fixture) : IClassFixture<BadInputTests.OneHost>
{
    private readonly DoorHost _host = fixture.Host;

    public sealed class OneHost : IAsyncLifetime
    {
        internal DoorHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await DoorHost.StartAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string Window = "/api/v1/halls/h/windows/1";

    /// <summary>Caller, method, path, body; status, code and field.</summary>
    public static TheoryData<string?, string, string, string?, int, string, string?> Wrong => new()
    {
        { null, "GET", "/api/v1/halls/nowhere", null, 404, "UnknownHall", null },
        { null, "GET", "/api/v1/halls/nowhere/board", null, 404, "UnknownHall", null },
        { null, "GET", "/api/v1/halls/h/board?zone=nowhere", null, 404, "UnknownZone", null },
        { null, "GET", "/api/v1/halls?near=here", null, 400, "BadField", "near" },
        { null, "GET", "/api/v1/halls?near=200,10", null, 400, "BadField", "near" },
        { null, "POST", "/api/v1/halls/nowhere/tickets", """{"service":"s"}""", 404, "UnknownHall", null },
        { null, "GET", "/api/v1/nothing", null, 404, "NotFound", null },
        { null, "DELETE", Tickets, null, 405, "MethodNotAllowed", null },
        { null, "POST", Tickets, """{"service":"none"}""", 400, "UnknownService", "service" },
        { null, "POST", Tickets, """{"service":""}""", 400, "BadField", "service" },
        { null, "POST", Tickets, "{}", 400, "BadField", "service" },
        { null, "POST", Tickets, null, 400, "BadField", "service" },
        { null, "POST", Tickets, "not json", 400, "NotJson", null },
        { null, "POST", Tickets, """{"service":"s" """, 400, "NotJson", null },
        { null, "POST", Tickets, """{"service":"s"} {}""", 400, "NotJson", null },
        { null, "POST", Tickets, """["s"]""", 400, "NotJson", null },
        { null, "POST", Tickets, "null", 400, "NotJson", null },
        { null, "POST", Tickets, """{"service":"\ud800"}""", 400, "NotJson", null },
        { null, "POST", Tickets, """{"service":5}""", 400, "BadField", "service" },
        { null, "POST", Tickets, """{"service":"s","printed":"yes"}""", 400, "BadField", "printed" },
        { null, "POST", Tickets, """{"service":"s","source":"fax"}""", 400, "BadField", "source" },
        { null, "POST", Tickets, """{"service":"s","source":"Phone"}""", 400, "BadField", "source" },
        { null, "POST", Tickets, """{"service":"s","source":"kiosk"}""", 400, "BadField", "source" },
        { null, "POST", Tickets, """{"service":"s","sevrice":"s"}""", 400, "BadField", "sevrice" },
        { null, "POST", Tickets, """{"service":"s","service":"t"}""", 400, "BadField", "service" },
        { null, "POST", Tickets, """{"service":"s","class":"nobody"}""", 400, "UnknownClass", "class" },
        { null, "POST", Tickets, """{"service":"s","class":"elderly"}""", 403, "ClassNotGranted", null },
        { null, "POST", Tickets, """{"service":"s","class":"green"}""", 403, "ClassNotGranted", null },
        { null, "POST", Tickets, """{"service":"s","idNumber":"11010519491231002X"}""", 403, "NotAllowed", "idNumber" },
        { null, "POST", Tickets, """{"service":"s","phone":"call me"}""", 400, "BadField", "phone" },
        { null, "POST", Tickets, """{"service":"s","override":"please"}""", 403, "NotAllowed", null },
        { null, "POST", "/api/v1/halls/o/tickets", """{"service":"s"}""", 403, "RemoteIssueOff", null },
        { "kiosk@h", "POST", Tickets, """{"service":"t"}""", 400, "IdentityRequired", "idNumber" },
        { "kiosk@h", "POST", Tickets, """{"service":"s","idNumber":"110105194912310021"}""", 400, "BadField", "idNumber" },
        { "kiosk@h", "POST", Tickets, """{"service":"s","idNumber":"123"}""", 400, "BadField", "idNumber" },
        { "kiosk@h", "POST", Tickets, """{"service":"s","class":"elderly"}""", 403, "ClassNotGranted", null },
        { "clerk@h", "POST", Tickets, """{"service":"s","class":"green"}""", 403, "ClassNotGranted", null },
        { "kiosk@h", "POST", $"{Tickets}/1-99/printed", null, 404, "UnknownTicket", null },
        { "kiosk@h", "POST", $"{Tickets}/99-1/printed", null, 404, "UnknownTicket", null },
        { "kiosk@h", "POST", $"{Tickets}/A001/printed", null, 404, "UnknownTicket", null },
        { "clerk@h", "POST", "/api/v1/halls/h/windows/99/open", null, 404, "UnknownWindow", null },
        { "clerk@h", "POST", $"{Window}/open", """{"staff":"nobody"}""", 403, "NotAllowed", "staff" },
        { "manager@h", "POST", $"{Window}/open", """{"staff":"nobody"}""", 400, "UnknownStaff", "staff" },
        { "clerk@h", "POST", $"{Window}/call-next", null, 409, "WindowNotOpen", null },
        { "clerk@h", "POST", $"{Window}/finish", null, 409, "WindowNotOpen", null },
        { "clerk@h", "POST", $"{Window}/finish", """{"outcome":"gone"}""", 400, "BadField", "outcome" },
        { "clerk@h", "POST", $"{Window}/finish", """{"items":0}""", 400, "BadField", "items" },
        { "clerk@h", "POST", $"{Window}/finish", """{"items":1.5}""", 400, "BadField", "items" },
        { "clerk@h", "POST", $"{Window}/pause", "{}", 400, "BadField", "reason" },
        { "clerk@h", "POST", $"{Window}/pause", """{"reason":"schedule"}""", 400, "BadField", "reason" },
        { "clerk@h", "POST", $"{Window}/pause", """{"reason":"meal","until":"2026-11-02T14:30:00"}""", 400, "BadField", "until" },
        { "clerk@h", "POST", $"{Window}/return", "{}", 400, "BadField", "number" },
        { "clerk@h", "POST", $"{Window}/teleport", "{}", 404, "NotFound", null },
        { "manager@h", "POST", $"{Window}/call", """{"number":"A001"}""", 400, "BadField", "reason" },
        { "manager@h", "PUT", $"{Window}/profile", """{"lines":[{"line":"a","afterMinutes":-1}]}""", 400, "BadField", "lines[0].afterMinutes" },
        { "manager@h", "PUT", $"{Window}/profile", """{"lines":[{"line":"a"},{"line":"a"}]}""", 400, "BadField", "lines[1].line" },
        { "manager@h", "PUT", $"{Window}/profile", """{"lines":[{"line":"zzz"}]}""", 400, "UnknownLine", "lines" },
        { "manager@h", "PUT", $"{Window}/profile", """{"lines":[{"line":7}]}""", 400, "BadField", "lines[0].line" },
        { "manager@h", "POST", "/api/v1/halls/h/suspend", "{}", 400, "BadField", "reason" },
        { "manager@h", "POST", "/api/v1/halls/h/suspend", """{"reason":"x","lines":["zzz"]}""", 400, "UnknownLine", "lines" },
        { "manager@h", "POST", "/api/v1/halls/h/suspend", """{"reason":"x","services":["zzz"]}""", 400, "UnknownService", "services" },
        { "manager@h", "POST", "/api/v1/halls/h/resume", """{"lines":["a"]}""", 409, "NotSuspended", null },
        { null, "GET", "/api/v1/tickets/forged", null, 404, "UnknownTicket", null },
        { null, "POST", "/api/v1/tickets/AAAAAQAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAA/cancel", null, 404, "UnknownTicket", null },
        { null, "POST", "/api/v1/tickets/AAAAAQAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAA/rating", """{"grade":"satisfied"}""", 404, "UnknownTicket", null },
        { "pad@h", "POST", $"{Window}/rating", """{"nonce":"guess","grade":"satisfied"}""", 404, "UnknownTicket", "nonce" },
        { "pad@h", "POST", $"{Window}/rating", """{"nonce":"guess","grade":"good"}""", 400, "BadField", "grade" },
        { "pad@h", "POST", $"{Window}/rating", """{"nonce":"guess"}""", 400, "BadField", "grade" },
        { "pad@h", "POST", $"{Window}/rating", """{"nonce":"guess","grade":"satisfied","tags":["13800138000"]}""", 400, "BadField", "tags" },
        { "pad@h", "POST", "/api/v1/halls/h/windows/2/rating", """{"nonce":"guess","grade":"satisfied"}""", 403, "NotAllowed", null },
        { "admin@h", "PUT", "/api/v1/halls/h/config", "{}", 400, "BadField", null },
        { "admin@h", "PUT", "/api/v1/halls/h/config", "[", 400, "BadField", null },
        { "admin@h", "PUT", "/api/v1/halls/h/config", null, 400, "BodyMissing", null },
        { null, "GET", "/throws", null, 500, "Unexpected", null },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Request_ThatIsWrong_IsOneCodedProblemAndChangesNothing(string? caller, string method, string path, string? body, int status, string code, string? field)
    {
        var before = await SequenceAsync();
        using var client = _host.As(caller);
        var problem = await client.SendAsync(new HttpMethod(method), path, body).ProblemAsync(status, code, field);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, await SequenceAsync());
    }

    [Fact]
    public async Task Field_OfAClosedList_IsToldWhatIsAllowed()
    {
        using var client = _host.As("clerk@h");
        var problem = await client.PostAsync($"{Window}/pause", """{"reason":"lunch"}""").ProblemAsync(400, "BadField", "reason");
        Assert.Contains("break, meal, meeting", problem.GetProperty("allowed").GetString(), StringComparison.Ordinal);
        problem = await client.PostAsync($"{Window}/pause", """{"why":"lunch"}""").ProblemAsync(400, "BadField", "why");
        Assert.Contains("reason, until", problem.GetProperty("allowed").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooLarge_Is413_AndOfAnotherType_Is415()
    {
        using var client = _host.As(null);
        var large = $$"""{"service":"{{new string('x', 70_000)}}"}""";
        await client.PostAsync(Tickets, large).ProblemAsync(413, "TooLarge");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, Tickets) { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(large))) };
        chunked.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        chunked.Headers.TransferEncodingChunked = true;
        await client.SendAsync(chunked, TestContext.Current.CancellationToken).ProblemAsync(413, "TooLarge");
        await client.SendAsync(HttpMethod.Post, Tickets, """{"service":"s"}""", contentType: "text/plain").ProblemAsync(415, "NotJsonType");
        await client.SendAsync(HttpMethod.Post, Tickets, """{"service":"s"}""", contentType: "application/x-www-form-urlencoded").ProblemAsync(415, "NotJsonType");
    }

    [Fact]
    public async Task Key_TooLongOrGuessable_Is400()
    {
        using var anonymous = _host.As(null);
        using var kiosk = _host.As("kiosk@h");
        const string body = """{"service":"s"}""";
        await anonymous.PostAsync(Tickets, body, "short").ProblemAsync(400, "BadKey");
        await kiosk.PostAsync(Tickets, body, new string('k', 256)).ProblemAsync(400, "BadKey");
        await kiosk.PostAsync(Tickets, body, new string('k', 255)).JsonAsync(201);
        await kiosk.PostAsync(Tickets, body, "short").JsonAsync(201);
        await anonymous.PostAsync(Tickets, body, DoorHost.NoKey).JsonAsync(201);
    }

    [Fact]
    public async Task Window_BusyOrWithoutAStart_IsRefusedWithItsFacts()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        var number = (await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("number").GetString();
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        await clerk.PostAsync($"{Window}/finish").ProblemAsync(409, "NothingCalled");
        await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        await clerk.PostAsync($"{Window}/finish").ProblemAsync(409, "NotStarted");
        var busy = await clerk.PostAsync($"{Window}/call-next").ProblemAsync(409, "WindowBusy");
        Assert.Equal(number, busy.GetProperty("number").GetString());
        Assert.Equal("called", busy.GetProperty("state").GetString());
        var early = await clerk.PostAsync($"{Window}/no-show").ProblemAsync(409, "TooEarly");
        Assert.Equal(TimeSpan.FromHours(8), early.GetProperty("allowedAt").GetDateTimeOffset().Offset);
        await clerk.PostAsync("/api/v1/halls/h/windows/2/open").ProblemAsync(409, "AlreadyAtWindow");
        using var second = host.As("clerk2@h");
        await second.PostAsync($"{Window}/open").ProblemAsync(409, "WindowInUse");
    }

    private async Task<long> SequenceAsync() => (await _host.Halls.ReadAsync(DoorHost.Hall, new ReadBoard(), TestContext.Current.CancellationToken))!.Sequence;
}

using System.Globalization;
using System.Text.Json;
using HallOps.Web.Appointments;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Appointments;

/// <summary>Appointments over HTTP: by telephone and at the desk, and at the kiosk when the visitor comes.</summary>
public sealed class AppointmentTests
{
    private const string Hall = "/api/v1/halls/h";

    [Fact]
    public async Task Appointment_FromBookingToTheNumber()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var kiosk = host.As("kiosk@h");
        var slot = (await SlotsAsync(visitor)).FirstOrDefault();

        // The last half hour of a day has no slot left to come to: then tomorrow's is booked, and it is too early to come.
        var late = slot is null;
        slot ??= (await SlotsAsync(visitor, DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(8)).AddDays(1)))[0];
        var booked = await visitor.PostAsync($"{Hall}/appointments", Booking(slot, "13900000001")).JsonAsync(201);
        var code = booked.GetProperty("code").GetString()!;
        Assert.Equal(["code", "slot", "service", "state", "checkInFrom", "checkInUntil"], booked.EnumerateObject().Select(p => p.Name));
        Assert.Equal((slot, "s", "booked", 8), (booked.GetProperty("slot").GetString(), booked.GetProperty("service").GetString(), booked.GetProperty("state").GetString(), code.Length));
        if (late)
        {
            await kiosk.PostAsync($"{Hall}/appointments/{code}/check-in").ProblemAsync(409, "TooEarlyToCheckIn");
            return;
        }

        await kiosk.PostAsync($"{Hall}/tickets", $$"""{"service":"t","appointment":"{{code}}"}""").ProblemAsync(409, "OtherService");
        var typed = $"{code[..4].ToLowerInvariant()} {code[4..]}";
        var issued = await kiosk.PostAsync($"{Hall}/tickets", $$"""{"service":"s","appointment":"{{typed}}"}""").JsonAsync(201);
        var kept = issued.GetProperty("appointment");
        Assert.Equal((code, slot, false), (kept.GetProperty("code").GetString(), kept.GetProperty("slot").GetString(), kept.GetProperty("late").GetBoolean()));
        var again = await kiosk.PostAsync($"{Hall}/appointments/{code}/check-in").ProblemAsync(409, "AlreadyCheckedIn");
        Assert.Equal(issued.GetProperty("number").GetString(), again.GetProperty("number").GetString());
        await visitor.PostAsync($"{Hall}/appointments/{code}/cancel").ProblemAsync(409, "AppointmentOver");
    }

    [Fact]
    public async Task Number_WithoutAppointment_SaysNothingOfOne()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        var issued = await kiosk.PostAsync($"{Hall}/tickets", """{"service":"s"}""").JsonAsync(201);
        Assert.False(issued.TryGetProperty("appointment", out _));
        await kiosk.PostAsync($"{Hall}/tickets", """{"service":"s","appointment":"K7QM2XWP"}""").ProblemAsync(404, "UnknownAppointment");
        await kiosk.PostAsync($"{Hall}/tickets", """{"service":"s","appointment":"K7QM2XWP","cases":2}""").ProblemAsync(400, "BadField");
        await kiosk.PostAsync($"{Hall}/appointments/0000/check-in").ProblemAsync(404, "UnknownAppointment");
    }

    [Fact]
    public async Task Book_BySixtyFourAtOnce_SellsTheSlotOnceAndNoMore()
    {
        await using var host = await DoorHost.StartAsync();
        using var guide = host.As("guide@h");
        var slot = (await SlotsAsync(guide, Tomorrow))[20];

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => guide.PostAsync($"{Hall}/appointments", Booking(slot, (13900000000 + n).ToString(CultureInfo.InvariantCulture)))));

        var codes = new HashSet<string>();
        foreach (var answer in answers)
        {
            using (answer)
            {
                using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                if ((int)answer.StatusCode == 201) Assert.True(codes.Add(body.RootElement.GetProperty("code").GetString()!));
                else Assert.Equal((409, "SlotFull"), ((int)answer.StatusCode, body.RootElement.GetProperty("code").GetString()));
            }
        }
        Assert.Equal(4, codes.Count);
        Assert.Equal((4, 0), await RoomAsync(guide, slot));

        // One moves away while eight want the place: one of them gets it.
        await guide.PostAsync($"{Hall}/appointments/{codes.First()}/move", $$"""{"slot":"{{(await SlotsAsync(guide, Tomorrow))[21]}}"}""").JsonAsync();
        var second = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => guide.PostAsync($"{Hall}/appointments", Booking(slot, (13800000000 + n).ToString(CultureInfo.InvariantCulture)))));
        Assert.Equal([201, 409], second.Select(a => (int)a.StatusCode).Distinct().Order());
        Assert.Single(second, a => (int)a.StatusCode == 201);
        foreach (var answer in second) answer.Dispose();
    }

    [Fact]
    public async Task Book_AgainUnderTheSameKey_IsTheSameAppointment()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        var body = Booking((await SlotsAsync(visitor, Tomorrow))[30], "13900000001");
        var codes = new List<string?>();
        for (var n = 0; n < 2; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Hall}/appointments") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", "the same sixteen signs and more");
            codes.Add((await visitor.SendAsync(request, TestContext.Current.CancellationToken).JsonAsync(201)).GetProperty("code").GetString());
        }
        Assert.Equal(codes[0], codes[1]);
    }

    [Fact]
    public async Task Book_ForTheSamePersonTwiceADay_TellsTheCodeToTheDeskOnly()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var guide = host.As("guide@h");
        var slots = await SlotsAsync(visitor, Tomorrow);
        var booked = await visitor.PostAsync($"{Hall}/appointments", Booking(slots[30], "13900000001")).JsonAsync(201);
        Assert.False((await visitor.PostAsync($"{Hall}/appointments", Booking(slots[31], "139 0000 0001")).ProblemAsync(409, "AlreadyBooked")).TryGetProperty("slot", out _));
        var told = await guide.PostAsync($"{Hall}/appointments", Booking(slots[31], "13900000001")).ProblemAsync(409, "AlreadyBooked");
        Assert.Equal((slots[30], booked.GetProperty("code").GetString()), (told.GetProperty("slot").GetString(), told.GetProperty("appointment").GetString()));
        Assert.Equal("cancelled", (await visitor.PostAsync($"{Hall}/appointments/{booked.GetProperty("code").GetString()}/cancel").JsonAsync()).GetProperty("state").GetString());
        await visitor.PostAsync($"{Hall}/appointments", Booking(slots[31], "13900000001")).JsonAsync(201);
    }

    [Fact]
    public async Task Book_WithFieldsThatAreWrong_IsRefusedWithTheField()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var guide = host.As("guide@h");
        using var other = host.As("guide@o");
        var slot = (await SlotsAsync(visitor, Tomorrow))[30];
        foreach (var (client, body, field) in new[]
        {
            (visitor, $$"""{"slot":"{{slot}}","phone":"13900000001"}""", "service"),
            (visitor, """{"service":"s","phone":"13900000001"}""", "slot"),
            (visitor, $$"""{"service":"s","slot":"{{slot}}"}""", "phone"),
            (visitor, $$"""{"service":"s","slot":"{{slot}}","phone":"1"}""", "phone"),
            (guide, $$"""{"service":"s","slot":"{{slot}}","idNumber":"1"}""", "idNumber"),
            (guide, $$"""{"service":"s","slot":"{{slot}}","name":" "}""", "name"),
        })
            Assert.Equal(field, (await client.PostAsync($"{Hall}/appointments", body).ProblemAsync(400, "BadField")).GetProperty("field").GetString());
        Assert.Equal("slot", (await visitor.PostAsync($"{Hall}/appointments", Booking("2026-01-01T09:00:00+08:00", "13900000001")).ProblemAsync(409, "SlotClosed")).GetProperty("field").GetString());
        await other.PostAsync("/api/v1/halls/o/appointments", Booking(slot, null)).JsonAsync(201);
        await visitor.PostAsync("/api/v1/halls/o/appointments", Booking(slot, "13900000001")).ProblemAsync(403, "RemoteIssueOff");
        await guide.PostAsync($"{Hall}/appointments", """{"service":"t","slot":"2026-01-01T09:00:00+08:00","idNumber":"11010519491231002X"}""").ProblemAsync(409, "NoAppointments");
        await visitor.GetAsync(new Uri($"{Hall}/slots?service=none", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "UnknownService");
        await visitor.GetAsync(new Uri($"{Hall}/slots?service=s&date=tomorrow", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "BadField");
        await visitor.GetAsync(new Uri("/api/v1/halls/none/slots?service=s", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(404, "UnknownHall");
    }

    [Fact]
    public async Task Find_ByCodePhoneOrCard_IsTheDesks()
    {
        await using var host = await DoorHost.StartAsync();
        using var guide = host.As("guide@h");
        var slots = await SlotsAsync(guide, Tomorrow);
        var first = await BookedAsync("""{"service":"s","slot":"{0}","phone":"13900004321"}""", slots[31]);
        var second = await BookedAsync("""{"service":"s","slot":"{0}","phone":"13800004321"}""", slots[30]);
        var third = await BookedAsync("""{"service":"s","slot":"{0}","idNumber":"11010519491231002X"}""", slots[32]);
        await BookedAsync("""{"service":"s","slot":"{0}"}""", slots[33]);

        Assert.Equal([first], await FoundAsync($$"""{"code":"{{first[..4].ToLowerInvariant()}}-{{first[4..]}}"}"""));
        Assert.Equal([second, first], await FoundAsync("""{"phone":"4321"}"""));
        Assert.Equal([first], await FoundAsync("""{"phone":"139 0000 4321"}"""));
        Assert.Equal([third], await FoundAsync("""{"idNumber":"11010519491231002x"}"""));
        Assert.Empty(await FoundAsync("""{"phone":"0000"}"""));
        // The end of a card's number is nobody's telephone.
        Assert.Empty(await FoundAsync("""{"phone":"1002"}"""));
        Assert.Empty(await FoundAsync("""{"code":"22222222"}"""));
        // Tomorrow's are not awaited today.
        Assert.Empty(await FoundAsync("{}"));
        Assert.Equal("phone", (await guide.PostAsync($"{Hall}/appointments/find", """{"phone":"321"}""").ProblemAsync(400, "BadField")).GetProperty("field").GetString());
        await guide.PostAsync($"{Hall}/appointments/find", """{"phone":"4321","code":"22222222"}""").ProblemAsync(400, "BadField");
        await guide.PostAsync($"{Hall}/appointments/find", """{"idNumber":"1"}""").ProblemAsync(400, "BadField");

        async Task<string> BookedAsync(string body, string slot) => (await guide.PostAsync($"{Hall}/appointments", body.Replace("{0}", slot, StringComparison.Ordinal)).JsonAsync(201)).GetProperty("code").GetString()!;
        async Task<List<string?>> FoundAsync(string body) =>
            [.. (await guide.PostAsync($"{Hall}/appointments/find", body).JsonAsync()).GetProperty("appointments").EnumerateArray().Select(a => a.GetProperty("code").GetString())];
    }

    [Fact]
    public async Task Holder_TakesAnotherTime_OnceADay_AlsoWhereNobodyBooksFromAfar()
    {
        await using var host = await DoorHost.StartAsync();
        using var guide = host.As("guide@o");
        using var visitor = host.As(null);
        var slots = await SlotsAsync(guide, Tomorrow);
        var tokens = new List<string>();
        for (var n = 0; n < 2; n++) tokens.Add((await guide.PostAsync("/api/v1/halls/o/tickets", """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString()!);

        var booked = await BookAsync(tokens[0], slots[30]).JsonAsync(201);
        Assert.Equal(("s", slots[30]), (booked.GetProperty("service").GetString(), booked.GetProperty("slot").GetString()));
        await BookAsync(tokens[0], slots[31]).ProblemAsync(409, "AlreadyBooked");
        // Another number is another visitor, and the first one still waits.
        await BookAsync(tokens[1], slots[31]).JsonAsync(201);
        Assert.Equal("waiting", (await visitor.GetAsync(new Uri($"/api/v1/tickets/{tokens[0]}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync()).GetProperty("state").GetString());
        // Neither is anybody's telephone.
        Assert.Empty((await guide.PostAsync("/api/v1/halls/o/appointments/find", """{"phone":"0001"}""").JsonAsync()).GetProperty("appointments").EnumerateArray());

        await visitor.PostAsync($"/api/v1/tickets/{tokens[1]}/cancel").JsonAsync();
        await BookAsync(tokens[1], slots[32]).ProblemAsync(409, "WrongState");
        Assert.Equal("slot", (await visitor.PostAsync($"/api/v1/tickets/{tokens[0]}/appointment", "{}").ProblemAsync(400, "BadField")).GetProperty("field").GetString());
        await BookAsync(tokens[0] + "x", slots[32]).ProblemAsync(404, "UnknownTicket");

        Task<HttpResponseMessage> BookAsync(string token, string slot) => visitor.PostAsync($"/api/v1/tickets/{token}/appointment", $$"""{"slot":"{{slot}}"}""");
    }

    [Fact]
    public void Code_AsPeopleTypeIt_IsRead()
    {
        var drawn = Enumerable.Range(0, 100).Select(_ => AppointmentCode.Draw()).ToList();
        Assert.Equal(100, drawn.Distinct().Count());
        Assert.All(drawn, code => Assert.True(AppointmentCode.TryRead($" {code[..4].ToLowerInvariant()}-{code[4..]} ", out var read) && read == code));
        foreach (var wrong in new[] { "", "K7QM2XW", "K7QM2XWPP", "K7QM2XW0", "K7QM2XWO", "K7QM2XW1", "K7QM2XWI", new string('-', 200) + "K7QM2XWP" }) Assert.False(AppointmentCode.TryRead(wrong, out _));
    }

    private static DateTimeOffset Tomorrow => DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(8)).AddDays(1);

    private static string Booking(string slot, string? phone) => JsonSerializer.Serialize(new { service = "s", slot, phone, name = "王五" });

    private static async Task<List<string>> SlotsAsync(HttpClient client, DateTimeOffset? day = null) =>
        [.. (await ReadAsync(client, day)).EnumerateArray().Select(s => s.GetProperty("slot").GetString()!)];

    private static async Task<(int Capacity, int Free)> RoomAsync(HttpClient client, string slot) =>
        (await ReadAsync(client, DateTimeOffset.Parse(slot, CultureInfo.InvariantCulture))).EnumerateArray().Where(s => s.GetProperty("slot").GetString() == slot)
            .Select(s => (s.GetProperty("capacity").GetInt32(), s.GetProperty("free").GetInt32())).Single();

    private static async Task<JsonElement> ReadAsync(HttpClient client, DateTimeOffset? day) =>
        await client.GetAsync(new Uri($"{Hall}/slots?service=s{(day is { } d ? string.Create(CultureInfo.InvariantCulture, $"&date={d:yyyy-MM-dd}") : "")}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
}
